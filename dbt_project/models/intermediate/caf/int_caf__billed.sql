-- What families are billed for on a day of the services that CAF funds, in minutes. Of early childhood the month of
-- a contract stands on its first day there, and what is taken off is negative: the sum of the days is what is billed.
-- Two payers who share a price share the same hours: they count once.
with funded as (
    select service_id
    from {{ ref('stg_records__services') }}
    where caf_kind <> 'none'
),

lines as (
    select
        priced.child_id,
        priced.service_id,
        priced.day,
        priced.kind,
        min(priced.structure_id) as structure_id,
        min(priced.family_id) as family_id,
        max(case when priced.held_back is null and priced.units <> 0 then {{ minutes_billed('priced') }} else 0 end) as minutes,
        max(priced.minutes_over) as minutes_over,
        min(case when priced.kind like 'deduction%' then -1 else 1 end) as direction,
        sum(priced.amount) as amount,
        max(priced.price_steps is not null) as is_local_price,
        max(priced.fault) as fault
    from {{ ref('int_pricing__priced') }} as priced
    inner join funded on priced.service_id = funded.service_id
    where
        priced.kind = 'care'
        or priced.kind like 'contract%'
        or priced.kind like 'overtime%'
        or priced.kind like 'deduction%'
    group by priced.child_id, priced.service_id, priced.day, priced.kind
)

select
    child_id,
    service_id,
    day,
    min(structure_id) as structure_id,
    min(family_id) as family_id,
    cast(sum(case when kind like 'contract%' then {{ ratio('coalesce(minutes, 0)', 'minutes_over', 4) }} else 0 end) as decimal(14, 4))
        as contract_minutes,
    cast(sum(case when kind not like 'contract%' then direction * coalesce(minutes, 0) else 0 end) as integer) as day_minutes,
    cast(sum(case when kind not like 'contract%' then direction * coalesce(minutes, 0) else 0 end) as decimal(14, 4))
    + cast(sum(case when kind like 'contract%' then {{ ratio('coalesce(minutes, 0)', 'minutes_over', 4) }} else 0 end) as decimal(14, 4))
        as minutes,
    cast(coalesce(sum(amount), 0) as decimal(12, 2)) as amount,
    max(is_local_price) as is_local_price,
    max(fault) as fault
from lines
group by child_id, service_id, day
