{# The records that a rule finds at fault, with the ids given and null for the others. #}
{% macro coherence_fault(rule, records, ids, condition='true') -%}
    {%- set types = {
        'enrolment_id': 'bigint', 'family_id': 'bigint', 'payer_id': 'bigint', 'mandate_id': 'bigint',
        'person_id': 'bigint', 'other_id': 'bigint', 'service_id': 'bigint', 'structure_id': 'bigint', 'day': 'date'
    } -%}
    select
        '{{ rule }}' as rule
        {%- for name, type in types.items() %},
        cast({{ ids.get(name, 'null') }} as {{ type }}) as {{ name }}
        {%- endfor %}
    from {{ records }}
    where {{ condition }}
{%- endmacro %}
