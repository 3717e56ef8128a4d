{# One national value among the joined rows of a group; null when it has none. #}
{% macro parameter_value(name) -%}
    max(case when parameters.parameter_id = '{{ name }}' then parameters.parameter_value end)
{%- endmacro %}

{# The national values of each day of `days`, one row a day, by the name a model gives them; null when there is none. #}
{% macro parameters_of_days(days, values) -%}
    select
        {{ days }}.day,
        {%- for column, parameter in values.items() %}
        {{ parameter_value(parameter) }} as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ days }}
    left join {{ ref('stg_records__parameters') }} as parameters
        on parameters.valid_from <= {{ days }}.day
        and (parameters.valid_to is null or {{ days }}.day < parameters.valid_to)
    group by {{ days }}.day
{%- endmacro %}
