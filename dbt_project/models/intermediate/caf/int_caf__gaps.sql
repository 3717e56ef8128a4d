-- Why hours billed in early childhood differ from hours realised: what each day adds, by cause. The sum of the gaps of
-- a year is exactly its billed hours less its realised ones, so that each cause costs its points of invoicing rate.
with eaje as (
    select service_id
    from {{ ref('stg_records__services') }}
    where caf_kind = 'eaje'
),

decided as (
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        decided.structure_id,
        decided.situation,
        decided.absence_reason_id,
        contracts.enrolment_id is not null as is_under_contract,
        case
            when contracts.enrolment_id is not null and decided.is_planned then coalesce(agreed.agreed_minutes, 0)
            else 0
        end as planned_minutes
    from {{ ref('int_attendance__decided') }} as decided
    inner join eaje on decided.service_id = eaje.service_id
    left join {{ ref('stg_records__care_contracts') }} as contracts
        on decided.enrolment_id = contracts.enrolment_id
        and contracts.valid_from <= decided.day
        and decided.day < contracts.valid_to
    left join {{ ref('int_pricing__agreed_hours') }} as agreed
        on decided.enrolment_id = agreed.enrolment_id and decided.day = agreed.day
),

attended as (
    select
        stays.child_id,
        stays.service_id,
        stays.day,
        cast(sum(coalesce(stays.left_minute, stays.arrived_minute) - stays.arrived_minute) as integer) as raw_minutes
    from {{ ref('int_attendance__stays_settled') }} as stays
    inner join eaje on stays.service_id = eaje.service_id
    group by stays.child_id, stays.service_id, stays.day
),

counted as (
    select
        child_days.child_id,
        child_days.service_id,
        child_days.day,
        child_days.structure_id,
        child_days.is_present,
        child_days.held_back,
        case when child_days.is_declared then child_days.realised_minutes else 0 end as realised_minutes,
        case when child_days.counts_billed then coalesce(billed.contract_minutes, 0) else 0 end as contract_minutes,
        case when child_days.counts_billed then coalesce(billed.day_minutes, 0) else 0 end as day_minutes
    from {{ ref('int_caf__child_days') }} as child_days
    inner join eaje on child_days.service_id = eaje.service_id
    left join {{ ref('int_caf__billed') }} as billed
        on child_days.child_id = billed.child_id
        and child_days.service_id = billed.service_id
        and child_days.day = billed.day
),

met as (
    select
        coalesce(counted.child_id, decided.child_id) as child_id,
        coalesce(counted.service_id, decided.service_id) as service_id,
        coalesce(counted.day, decided.day) as day,
        coalesce(counted.structure_id, decided.structure_id) as structure_id,
        coalesce(counted.is_present, false) as is_present,
        counted.held_back,
        decided.situation,
        decided.absence_reason_id,
        coalesce(decided.is_under_contract, false) as is_under_contract,
        coalesce(decided.planned_minutes, 0) as planned_minutes,
        coalesce(counted.realised_minutes, 0) as realised_minutes,
        coalesce(counted.contract_minutes, 0) as contract_minutes,
        coalesce(counted.day_minutes, 0) as day_minutes
    from counted
    full outer join decided
        on counted.child_id = decided.child_id
        and counted.service_id = decided.service_id
        and counted.day = decided.day
)

select
    met.child_id,
    met.service_id,
    met.day,
    met.structure_id,
    met.is_under_contract,
    -- What the day itself is billed: the hours reserved that day, more or less what came about.
    met.planned_minutes + met.day_minutes as billed_minutes,
    met.realised_minutes,
    case when met.is_present and met.held_back is null then attended.raw_minutes else 0 end as raw_minutes,
    cast(met.contract_minutes - met.planned_minutes as decimal(14, 4)) as contract_gap_minutes,
    met.planned_minutes + met.day_minutes - met.realised_minutes as gap_minutes,
    case
        when met.held_back is not null then 'held_back'
        when met.is_present and met.planned_minutes + met.day_minutes < met.realised_minutes then 'free_hours'
        when met.is_present and met.is_under_contract then 'contract_undertime'
        when met.is_present then 'booked_hours'
        when met.situation like 'absent%' then met.situation
        when met.situation is not null then 'to_come'
        else 'closure'
    end as cause,
    met.absence_reason_id
from met
left join attended
    on met.child_id = attended.child_id
    and met.service_id = attended.service_id
    and met.day = attended.day
