-- The months of a place whose attendance no longer moves: what was said last is confirmed or locked.
with ranked as (
    select
        structure_id,
        month,
        state,
        row_number() over (partition by structure_id, month order by seq desc) as place
    from {{ ref('stg_records__month_states') }}
)

select
    structure_id,
    month
from ranked
where place = 1 and state in ('confirmed', 'locked')
