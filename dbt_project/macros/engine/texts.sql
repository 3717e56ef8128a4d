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

{# The n-th part of a text that slashes separate; null when it has fewer. (DuckDB's split_part fails in its optimizer when
   a condition on it is pushed through a union.) #}
{% macro slash_part(text, place) -%}
    {{ return(adapter.dispatch('slash_part', 'marelle')(text, place)) }}
{%- endmacro %}

{% macro duckdb__slash_part(text, place) -%}
    string_split({{ text }}, '/')[{{ place }}]
{%- endmacro %}

{% macro spark__slash_part(text, place) -%}
    split({{ text }}, '/')[{{ place - 1 }}]
{%- endmacro %}
