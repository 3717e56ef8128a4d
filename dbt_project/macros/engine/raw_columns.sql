{# The load sends every nullable or textual column as text, '' for NULL, because ADBC types a column from its
   first batch. These give the column its type back; they are standard SQL on both engines. #}
{% macro raw_text(column) -%}
    nullif({{ column }}, '')
{%- endmacro %}

{% macro raw_bigint(column) -%}
    cast(nullif({{ column }}, '') as bigint)
{%- endmacro %}

{% macro raw_integer(column) -%}
    cast(nullif({{ column }}, '') as integer)
{%- endmacro %}

{% macro raw_date(column) -%}
    cast(nullif({{ column }}, '') as date)
{%- endmacro %}

{# A yes or no that may be missing: '1' and '0', or 'true' and 'false', as each engine of records writes it. #}
{% macro raw_flag(column) -%}
    (lower(nullif({{ column }}, '')) in ('1', 'true'))
{%- endmacro %}

{% macro raw_boolean(column) -%}
    ({{ column }} = 1)
{%- endmacro %}
