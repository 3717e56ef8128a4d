{# The part of a declaration that a service belongs to. #}
{% macro caf_block(caf_kind) -%}
    case
        when {{ caf_kind }} like 'periscolaire%' then 'alsh_peri'
        when {{ caf_kind }} = 'extrascolaire' then 'alsh_extra'
        when {{ caf_kind }} = 'eaje' then 'eaje_activity'
        else {{ caf_kind }}
    end
{%- endmacro %}
