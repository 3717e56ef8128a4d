{# The key of a model is unique and never null: one query where dbt's own two tests a column would take many. #}
{% test grain(model, key) %}
select
    {{ key | join(", ") }},
    count(*) as rows_found
from {{ model }}
group by {{ key | join(", ") }}
having
    count(*) > 1
    {%- for column in key %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
