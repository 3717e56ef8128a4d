-- Every line to be priced, with who pays it: those of a day, what is due for a span of days, and what an accepted
-- lateness or a contract adds to a day or takes off it.
with daily as (
    select * from {{ ref('int_pricing__units') }}
    union all
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        decided.structure_id,
        decided.enrolment_id,
        decided.category,
        extras.kind,
        extras.kind as rule_kind,
        decided.situation,
        cast(null as varchar) as formula_code,
        cast(null as integer) as half_days,
        extras.billed_minutes,
        extras.units_begun,
        extras.begun_minutes,
        extras.rounded_minutes,
        true as is_due,
        decided.is_booked_late,
        decided.origin,
        cast(null as integer) as lead_minutes,
        service_days.day_kind,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.qf_rule,
        decided.arrived_minute,
        decided.left_minute,
        decided.is_arrival_derived,
        decided.is_departure_derived,
        not decided.is_over as is_provisional,
        held_back.reason as held_back,
        cast(null as varchar) as period,
        cast(null as integer) as day_count,
        1 as minutes_over,
        extras.line_fault
    from {{ ref('int_attendance__decided') }} as decided
    inner join (
        select * from {{ ref('int_pricing__late_pickups') }}
        union all
        select * from {{ ref('int_pricing__contract_days') }}
    ) as extras
        on decided.child_id = extras.child_id
        and decided.service_id = extras.service_id
        and decided.day = extras.day
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    cross join {{ ref('stg_records__build_days') }} as build_days
    left join {{ ref('int_attendance__held_back') }} as held_back
        on decided.child_id = held_back.child_id
        and decided.service_id = held_back.service_id
        and decided.day = held_back.day
        and held_back.holds_line
    where service_days.is_priced and decided.day <= build_days.last_line_day
),

own_tariffs as (
    select distinct
        service_id,
        tariff_id
    from {{ ref('int_pricing__versions') }}
    where service_id is not null
)

select
    daily.*,
    payers.payer_id,
    payers.family_id,
    payers.payer_fault,
    own_tariffs.tariff_id,
    cast(null as integer) as share_days,
    cast(null as integer) as share_of_days
from daily
inner join {{ ref('int_pricing__payers') }} as payers
    on daily.child_id = payers.child_id
    and daily.service_id = payers.service_id
    and daily.day = payers.day
left join own_tariffs on daily.service_id = own_tariffs.service_id
union all
select
    spans.child_id,
    spans.service_id,
    spans.day,
    spans.structure_id,
    spans.enrolment_id,
    spans.category,
    spans.kind,
    spans.rule_kind,
    'planned' as situation,
    cast(null as varchar) as formula_code,
    cast(null as integer) as half_days,
    cast(case when spans.minutes_over = 1 then spans.minutes end as integer) as billed_minutes,
    cast(null as integer) as units_begun,
    cast(null as integer) as begun_minutes,
    cast(spans.minutes as integer) as rounded_minutes,
    true as is_due,
    false as is_booked_late,
    cast(null as varchar) as origin,
    cast(null as integer) as lead_minutes,
    service_days.day_kind,
    service_days.rounding_minutes,
    service_days.rounding_on,
    service_days.rounding_mode,
    service_days.qf_rule,
    cast(null as integer) as arrived_minute,
    cast(null as integer) as left_minute,
    false as is_arrival_derived,
    false as is_departure_derived,
    moments.as_of < service_days.slot_start_at as is_provisional,
    cast(null as varchar) as held_back,
    spans.period,
    spans.day_count,
    coalesce(spans.minutes_over, 1) as minutes_over,
    case when spans.period = 'contract' and spans.minutes is null then 'contract_hours_missing' end as line_fault,
    payers.payer_id,
    payers.family_id,
    payers.payer_fault,
    coalesce(spans.tariff_id, own_tariffs.tariff_id) as tariff_id,
    payers.share_days,
    payers.share_of_days
from {{ ref('int_pricing__spans') }} as spans
inner join {{ ref('int_pricing__span_payers') }} as payers on spans.span_id = payers.span_id
inner join {{ ref('int_calendar__service_days') }} as service_days
    on spans.service_id = service_days.service_id
    and spans.structure_id = service_days.structure_id
    and spans.day = service_days.day
inner join {{ ref('stg_records__build_moments') }} as moments on spans.structure_id = moments.structure_id
left join own_tariffs on spans.service_id = own_tariffs.service_id
where service_days.is_priced
