{# Place and service as one name: a site of the forecast. #}
{% macro meal_site(rows) -%}
    cast({{ rows }}.structure_id as varchar) || '-' || cast({{ rows }}.service_id as varchar)
{%- endmacro %}

{# How many meals are enough on a share of the days: straight lines between the ends of the intervals (2.5, 10, 50, 90
   and 97.5 days in 100). The share that costs least is that of a missing meal in the cost of both mistakes. #}
{% macro meals_enough_on(share, rows) -%}
    {%- set ends = [(0.025, 'lo95'), (0.1, 'lo80'), (0.5, 'forecast'), (0.9, 'hi80'), (0.975, 'hi95')] -%}
    case
        when {{ share }} <= 0.025 then {{ rows }}.lo95
        {%- for (low, low_end), (high, high_end) in zip(ends[:-1], ends[1:]) %}
        when {{ share }} <= {{ high }}
            then {{ rows }}.{{ low_end }} + ({{ share }} - {{ low }}) / {{ high - low }}
                * ({{ rows }}.{{ high_end }} - {{ rows }}.{{ low_end }})
        {%- endfor %}
        else {{ rows }}.hi95
    end
{%- endmacro %}

{# Portions to order for what is needed: whole packs, and the supplier's minimum; nothing when nothing is needed. Meals
   are whole: 1.2 needed is one more likely than two, so the count is rounded before it is packed. #}
{% macro in_packs(needed, pack, minimum) -%}
    cast(
        case
            when {{ needed }} <= 0.5 then 0
            else ceil(greatest({{ needed }} - 0.5, {{ minimum }}) / (1.0 * {{ pack }})) * {{ pack }}
        end as integer
    )
{%- endmacro %}

{# « +3 % » or « −2 % » of a factor; empty when it changes less than half a percent. #}
{% macro percent_more(factor) -%}
    case
        when cast(100 * ({{ factor }} - 1) as integer) > 0
            then '+' || cast(cast(100 * ({{ factor }} - 1) as integer) as varchar) || ' %'
        when cast(100 * ({{ factor }} - 1) as integer) < 0
            then '−' || cast(-cast(100 * ({{ factor }} - 1) as integer) as varchar) || ' %'
    end
{%- endmacro %}
