-- Where a payer lives decides the zone: their own address of the day, else that of their file. A commune that no list
-- names is outside; without an address nothing is known.
with lived as (
    select
        payers.payer_id,
        addresses.address_id,
        addresses.commune_key,
        addresses.valid_from,
        addresses.valid_to,
        true as is_own
    from {{ ref('stg_records__payers') }} as payers
    inner join {{ ref('stg_records__addresses') }} as addresses on payers.person_id = addresses.person_id
    union all
    select
        payers.payer_id,
        addresses.address_id,
        addresses.commune_key,
        addresses.valid_from,
        addresses.valid_to,
        false as is_own
    from {{ ref('stg_records__payers') }} as payers
    inner join {{ ref('stg_records__addresses') }} as addresses on payers.family_id = addresses.family_id
),

changes as (
    select
        payer_id,
        valid_from as day
    from lived
    union
    select
        payer_id,
        valid_to as day
    from lived
    where valid_to is not null
    union
    select
        lived.payer_id,
        zones.valid_from as day
    from lived
    inner join {{ ref('stg_records__residence_zones') }} as zones on lived.commune_key = zones.commune_key
),

ranges as (
    select
        payer_id,
        day as valid_from,
        lead(day) over (partition by payer_id order by day) as valid_to
    from changes
),

addressed as (
    select
        ranges.*,
        lived.commune_key,
        row_number() over (
            partition by ranges.payer_id, ranges.valid_from
            order by lived.is_own desc, lived.valid_from desc, lived.address_id desc
        ) as preference
    from ranges
    inner join lived
        on ranges.payer_id = lived.payer_id
        and lived.valid_from <= ranges.valid_from
        and (lived.valid_to is null or ranges.valid_from < lived.valid_to)
),

zoned as (
    select
        addressed.payer_id,
        addressed.valid_from,
        addressed.valid_to,
        coalesce(zones.residence, 'outside') as residence,
        row_number() over (
            partition by addressed.payer_id, addressed.valid_from order by zones.valid_from desc nulls last
        ) as preference
    from addressed
    left join {{ ref('stg_records__residence_zones') }} as zones
        on addressed.commune_key = zones.commune_key and zones.valid_from <= addressed.valid_from
    where addressed.preference = 1
)

select
    payer_id,
    valid_from,
    valid_to,
    residence
from zoned
where preference = 1
