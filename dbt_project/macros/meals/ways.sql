{# Meals that the way chosen for an origin says of a row of int_forecast__expected. #}
{% macro said_by(way, rows) -%}
    case {{ way }} when 'simple' then {{ rows }}.simple when 'planned' then {{ rows }}.base else {{ rows }}.prediction end
{%- endmacro %}

{# The end of an interval: what was missed before by days of such a size, or a wide guess without enough of them. #}
{% macro interval_end(said, miss, unknown, misses) -%}
    greatest(
        {{ said }} + case
            when {{ misses }} >= {{ var('forecast_spread_least') }}
                then {{ miss }} * pow(greatest({{ said }}, 1), {{ var('forecast_spread_power') }})
            else {{ unknown }} * {{ said }}
        end,
        0
    )
{%- endmacro %}

{# The ends of the intervals and how wide to guess each, as a share, without enough days to measure. #}
{% macro interval_guesses() -%}
    {{ return({'lo95': -0.5, 'lo80': -0.3, 'hi80': 0.3, 'hi95': 0.5}) }}
{%- endmacro %}

{# The expected days that a condition keeps, with what the way that answers says and how far it was off before. #}
{% macro said_days(condition) -%}
    select
        expected.*,
        spreads.way,
        spreads.misses,
        {%- for name in interval_guesses() %}
        spreads.{{ name }} as miss_{{ name }},
        {%- endfor %}
        {{ said_by('spreads.way', 'expected') }} as said
    from {{ ref('int_forecast__expected') }} as expected
    inner join {{ ref('int_forecast__spreads') }} as spreads on expected.origin = spreads.origin
    where {{ condition }}
{%- endmacro %}

{# The ends of the intervals of what was said, as columns. #}
{% macro interval_ends() -%}
    {%- for name, guess in interval_guesses().items() %}
    {{ interval_end('said', 'miss_' ~ name, guess, 'misses') }} as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
