{# « 24/11/2026 », as domain.french.short_date. #}
{% macro french_date(day) -%}
    lpad(cast(extract(day from {{ day }}) as varchar), 2, '0') || '/'
    || lpad(cast(extract(month from {{ day }}) as varchar), 2, '0') || '/'
    || cast(extract(year from {{ day }}) as varchar)
{%- endmacro %}

{# « 349,99 » #}
{% macro french_decimal(value) -%}
    replace(cast({{ value }} as varchar), '.', ',')
{%- endmacro %}

{# « lundi » … « dimanche » from 0 … 6. #}
{% macro weekday_name(weekday) -%}
    case {{ weekday }}
        when 0 then 'lundi'
        when 1 then 'mardi'
        when 2 then 'mercredi'
        when 3 then 'jeudi'
        when 4 then 'vendredi'
        when 5 then 'samedi'
        else 'dimanche'
    end
{%- endmacro %}
