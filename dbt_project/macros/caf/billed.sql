{# The minutes that a priced line bills: of a period begun those of the whole periods, which may have a length of their
   own, not that of the service. The month of a contract has the minutes of its months. #}
{% macro minutes_billed(line) -%}
    case
        when {{ line }}.unit = 'unit_begun' and {{ line }}.kind not like 'contract%'
            then cast(abs({{ line }}.units) as integer) * {{ line }}.rounding_minutes
        else {{ line }}.rounded_minutes
    end
{%- endmacro %}
