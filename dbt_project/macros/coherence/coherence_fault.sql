{# The records that a rule finds at fault: the rule and ids as one key, the ids given and null for the others. #}
{% macro coherence_fault(rule, records, ids, condition='true') -%}
    {%- set types = {
        'enrolment_id': 'bigint', 'family_id': 'bigint', 'payer_id': 'bigint', 'mandate_id': 'bigint',
        'person_id': 'bigint', 'other_id': 'bigint', 'service_id': 'bigint', 'structure_id': 'bigint', 'day': 'date'
    } -%}
    {%- set keys = ['enrolment_id', 'family_id', 'payer_id', 'person_id', 'other_id', 'service_id', 'mandate_id'] -%}
    select
        '{{ rule }}' as rule,
        '{{ rule }}'
        {%- for key in keys %}
        || '~' {% if key in ids %}|| coalesce(cast({{ ids[key] }} as varchar), ''){% endif %}
        {%- endfor %} as fault_key
        {%- for name, type in types.items() %},
        cast({{ ids.get(name, 'null') }} as {{ type }}) as {{ name }}
        {%- endfor %}
    from {{ records }}
    where {{ condition }}
{%- endmacro %}
