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
