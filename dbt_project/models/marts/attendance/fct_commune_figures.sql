-- Where a child lives decides the commune: the own address, else the file's, on the last day of the month on which
-- they were planned or came. Each service, then all together: a child is counted once in each row.
with counted as (
    select
        decided.child_id,
        decided.service_id,
        {{ month_of('decided.day') }} as month,
        max(decided.day) as last_day,
        sum(case when decided.is_present then 1 else 0 end) as visits,
        sum(case when decided.is_planned and decided.is_over then 1 else 0 end) as booked,
        sum(case when decided.situation = 'present' and decided.is_over then 1 else 0 end) as present
    from {{ ref('int_attendance__decided') }} as decided
    -- Elected officials read of children.
    inner join {{ ref('int_attendance__children') }} as children on decided.child_id = children.child_id
    group by decided.child_id, decided.service_id, {{ month_of('decided.day') }}
),

days as (
    select
        child_id,
        month,
        max(last_day) as day
    from counted
    group by child_id, month
),

lived as (
    select
        days.child_id,
        days.month,
        addresses.commune,
        true as is_own,
        addresses.valid_from,
        addresses.address_id
    from days
    inner join {{ ref('stg_records__addresses') }} as addresses
        on days.child_id = addresses.person_id
        and addresses.valid_from <= days.day
        and (addresses.valid_to is null or days.day < addresses.valid_to)
    union all
    select
        days.child_id,
        days.month,
        addresses.commune,
        false as is_own,
        addresses.valid_from,
        addresses.address_id
    from days
    inner join {{ ref('stg_records__family_members') }} as members
        on days.child_id = members.person_id
        and members.role = 'child'
        and members.valid_from <= days.day
        and (members.valid_to is null or days.day < members.valid_to)
    inner join {{ ref('stg_records__addresses') }} as addresses
        on members.family_id = addresses.family_id
        and addresses.valid_from <= days.day
        and (addresses.valid_to is null or days.day < addresses.valid_to)
),

ranked as (
    select
        child_id,
        month,
        commune,
        row_number() over (
            partition by child_id, month order by is_own desc, valid_from desc, address_id desc
        ) as preference
    from lived
),

placed as (
    select
        counted.child_id,
        counted.service_id,
        counted.month,
        counted.visits,
        counted.booked,
        counted.present,
        coalesce(ranked.commune, '') as commune
    from counted
    left join ranked
        on counted.child_id = ranked.child_id and counted.month = ranked.month and ranked.preference = 1
),

summed as (
    select
        service_id,
        month,
        commune,
        count(distinct case when visits > 0 then child_id end) as children,
        sum(visits) as visits,
        sum(booked) as booked,
        sum(present) as present
    from placed
    group by service_id, month, commune
    union all
    select
        cast(null as bigint) as service_id,
        month,
        commune,
        count(distinct case when visits > 0 then child_id end) as children,
        sum(visits) as visits,
        sum(booked) as booked,
        sum(present) as present
    from placed
    group by month, commune
)

select
    summed.commune,
    coalesce(services.service_ref, '') as service_ref,
    coalesce(services.service_label, '') as service_label,
    summed.month,
    cast(summed.children as integer) as children,
    cast(summed.visits as integer) as visits,
    cast(summed.booked as integer) as booked,
    cast(summed.present as integer) as present
from summed
left join {{ ref('stg_records__services') }} as services on summed.service_id = services.service_id
