with effects as (
    select * from {{ ref('int_attendance__tap_effects') }}
    where effect in ('arrival', 'departure')
)

select
    child_id,
    service_id,
    day,
    stay_no,
    max(structure_id) as structure_id,
    max(case when effect = 'arrival' then tap_no end) as arrival_tap_no,
    max(case when effect = 'arrival' then occurred_at end) as arrived_at,
    max(case when effect = 'arrival' then occurred_minute end) as arrived_minute,
    max(case when effect = 'departure' then tap_no end) as departure_tap_no,
    max(case when effect = 'departure' then occurred_at end) as left_at,
    max(case when effect = 'departure' then occurred_minute end) as left_minute,
    max(case when effect = 'departure' then 1 else 0 end) = 0 as is_open
from effects
group by child_id, service_id, day, stay_no
