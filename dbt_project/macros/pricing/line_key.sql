{# child · service · day · kind · payer: stable for ever, it is what adjustments compare (docs/adr/0008).
   « ~ » may stand in an address and in no reference; a line without a payer ends with it. #}
{% macro line_key(child_ref, service_ref, day, kind, payer_ref) -%}
    {{ child_ref }} || '~' || {{ service_ref }} || '~' || cast({{ day }} as varchar) || '~' || {{ kind }}
    || '~' || coalesce({{ payer_ref }}, '')
{%- endmacro %}
