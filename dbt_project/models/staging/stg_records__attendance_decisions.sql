with located as (
    select
        decision.*,
        structure.timezone
    from {{ source('records', 'attendance_decision') }} as decision
    inner join {{ source('records', 'structure') }} as structure on decision.structure_id = structure.id
)

select
    id as attendance_decision_id,
    child_id,
    service_id,
    structure_id,
    {{ raw_date('day') }} as day,
    cast(seq as integer) as seq,
    kind,
    {{ raw_bigint('occurred_at') }} as occurred_at,
    {{ local_minute(raw_bigint('occurred_at'), 'timezone') }} as occurred_minute,
    {{ raw_text('tap_id') }} as tap_id,
    recorded_at,
    {{ raw_bigint('replaces_id') }} as replaces_id
from located
