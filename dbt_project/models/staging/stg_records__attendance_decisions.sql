with located as (
    select
        decision.*,
        coalesce(kept_people.kept_id, decision.child_id) as kept_child_id,
        structure.timezone
    from {{ source('records', 'attendance_decision') }} as decision
    inner join {{ source('records', 'structure') }} as structure on decision.structure_id = structure.id
    left join {{ source('build', 'kept_person') }} as kept_people on decision.child_id = kept_people.id
)

-- Two merged people each had their own `seq`: the order in which rows were recorded is that of their ids.

select
    id as attendance_decision_id,
    kept_child_id as child_id,
    service_id,
    structure_id,
    {{ raw_date('day') }} as day,
    id as seq,
    kind,
    {{ raw_bigint('occurred_at') }} as occurred_at,
    {{ local_minute(raw_bigint('occurred_at'), 'timezone') }} as occurred_minute,
    {{ raw_text('tap_id') }} as tap_id,
    {{ raw_bigint('absence_reason_id') }} as absence_reason_id,
    recorded_at,
    {{ raw_bigint('replaces_id') }} as replaces_id
from located
