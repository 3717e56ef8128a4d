{# Stores what a role must settle, with the link to open; a warning, since records at fault stop no build. #}
{% test coherent(model, owner) %}
{{ config(severity='warn', store_failures=true) }}
select
    rule,
    severity,
    owner_role,
    link_kind,
    link_ref,
    message
from {{ model }}
where owner_role = '{{ owner }}'
{% endtest %}
