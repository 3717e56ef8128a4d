-- Of the counts of one day the last stands.
with ranked as (
    select
        *,
        row_number() over (partition by structure_id, day, indicator order by seq desc) as preference
    from {{ source('records', 'anonymous_count') }}
)

select
    id as anonymous_count_id,
    structure_id,
    {{ raw_date('day') }} as day,
    {{ raw_text('indicator') }} as indicator,
    {{ scaled('quantity_e2', 2, 18) }} as quantity
from ranked
where preference = 1
