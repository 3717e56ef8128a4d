with attended as (
    select
        child_id,
        service_id,
        day,
        enrolment_id
    from {{ ref('int_attendance__decided') }}
),

-- Who alone was ever named, for all days: nothing is to be counted or shared.
alone as (
    select
        enrolment_id,
        min(payer_id) as payer_id,
        min(valid_from) as valid_from,
        min(valid_to) as valid_to
    from {{ ref('stg_records__enrolment_payers') }}
    group by enrolment_id
    having count(*) = 1 and not max(rule = 'custody')
),

candidates as (
    select
        attended.child_id,
        attended.service_id,
        attended.day,
        enrolment_payers.payer_id,
        max(enrolment_payers.rule = 'custody') as is_custody
    from attended
    inner join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
        on attended.enrolment_id = enrolment_payers.enrolment_id
        and enrolment_payers.valid_from <= attended.day
        and (enrolment_payers.valid_to is null or attended.day < enrolment_payers.valid_to)
    left join alone on attended.enrolment_id = alone.enrolment_id
    where alone.enrolment_id is null
    group by attended.child_id, attended.service_id, attended.day, enrolment_payers.payer_id
),

counted as (
    select
        child_id,
        service_id,
        day,
        count(*) as payer_count,
        min(payer_id) as first_payer_id,
        max(is_custody) as is_custody
    from candidates
    group by child_id, service_id, day
),

shared_days as (
    select
        child_id,
        service_id,
        day
    from counted
    where payer_count > 1 or is_custody
),

chosen as (
    select
        attended.child_id,
        attended.service_id,
        attended.day,
        case
            when shared_days.child_id is null then coalesce(alone.payer_id, counted.first_payer_id)
            else candidates.payer_id
        end as payer_id,
        case
            when attended.enrolment_id is null then 'enrolment_missing'
            when alone.payer_id is null and counted.child_id is null then 'payer_missing'
            when shared_days.child_id is null then null
            when custody.payer_id is null then 'custody_missing'
            -- A payer counts only once it is also named on the enrolment (domain notes §3).
            when candidates.payer_id is null then 'payer_missing'
        end as payer_fault
    from attended
    left join alone
        on attended.enrolment_id = alone.enrolment_id
        and alone.valid_from <= attended.day
        and (alone.valid_to is null or attended.day < alone.valid_to)
    left join counted
        on attended.child_id = counted.child_id
        and attended.service_id = counted.service_id
        and attended.day = counted.day
    left join shared_days
        on attended.child_id = shared_days.child_id
        and attended.service_id = shared_days.service_id
        and attended.day = shared_days.day
    left join {{ ref('int_pricing__custody') }} as custody
        on attended.child_id = custody.child_id and attended.day = custody.day
    left join candidates
        on attended.child_id = candidates.child_id
        and attended.service_id = candidates.service_id
        and attended.day = candidates.day
        and custody.payer_id = candidates.payer_id
),

-- The family of a line is its payer's; without one, the child's own file.
own_families as (
    select
        chosen.child_id,
        chosen.service_id,
        chosen.day,
        members.family_id,
        row_number() over (
            partition by chosen.child_id, chosen.service_id, chosen.day
            order by members.role = 'child' desc, members.family_id
        ) as preference
    from chosen
    inner join {{ ref('stg_records__family_members') }} as members
        on chosen.child_id = members.person_id
        and members.role in ('child', 'guardian')
        and members.valid_from <= chosen.day
        and (members.valid_to is null or chosen.day < members.valid_to)
    where chosen.payer_id is null
)

select
    chosen.child_id,
    chosen.service_id,
    chosen.day,
    chosen.payer_id,
    coalesce(payers.family_id, own_families.family_id) as family_id,
    chosen.payer_fault
from chosen
left join {{ ref('stg_records__payers') }} as payers on chosen.payer_id = payers.payer_id
left join own_families
    on chosen.child_id = own_families.child_id
    and chosen.service_id = own_families.service_id
    and chosen.day = own_families.day
    and own_families.preference = 1
