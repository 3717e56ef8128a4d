{# One national value among the joined rows of a group; null when it has none. #}
{% macro parameter_value(name) -%}
    max(case when parameters.parameter_id = '{{ name }}' then parameters.parameter_value end)
{%- endmacro %}
