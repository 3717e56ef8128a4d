{# Before the bracket of a subquery that several read: each works it out for itself, of the columns and rows it asks for.
   Kept for all of them, millions of wide rows would be written once more. #}
{% macro not_kept() -%}
    {{ return(adapter.dispatch('not_kept', 'marelle')()) }}
{%- endmacro %}

{% macro duckdb__not_kept() -%}
    not materialized
{%- endmacro %}

{% macro spark__not_kept() -%}
{%- endmacro %}
