-- Who pays what is due for a span of days: one payer, or with custody each for the days on which they have the child.
-- A day that nobody can be named for leaves the whole span without a payer: a share of it would be wrong.
with named as (
    select
        days.span_id,
        days.day,
        min(enrolment_payers.payer_id) as first_payer_id,
        count(distinct enrolment_payers.payer_id) > 1 or max(enrolment_payers.rule = 'custody') as is_shared
    from {{ ref('int_pricing__span_days') }} as days
    inner join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
        on days.enrolment_id = enrolment_payers.enrolment_id
        and enrolment_payers.valid_from <= days.day
        and (enrolment_payers.valid_to is null or days.day < enrolment_payers.valid_to)
    group by days.span_id, days.day
),

-- A day that names one payer needs no calendar, as in int_pricing__payers.
shared_days as (
    select
        days.span_id,
        days.day,
        case
            when named.span_id is null then 'payer_missing'
            when not named.is_shared then null
            when custody.payer_id is null then 'custody_missing'
            when enrolment_payers.payer_id is null then 'payer_missing'
        end as payer_fault,
        case when named.is_shared then enrolment_payers.payer_id else named.first_payer_id end as payer_id
    from {{ ref('int_pricing__span_days') }} as days
    left join named on days.span_id = named.span_id and days.day = named.day
    left join {{ ref('int_pricing__custody') }} as custody
        on days.child_id = custody.child_id and days.day = custody.day
    left join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
        on days.enrolment_id = enrolment_payers.enrolment_id
        and custody.payer_id = enrolment_payers.payer_id
        and enrolment_payers.valid_from <= days.day
        and (enrolment_payers.valid_to is null or days.day < enrolment_payers.valid_to)
),

whole as (
    select
        span_id,
        min(payer_fault) as payer_fault,
        cast(count(*) as integer) as share_of_days
    from shared_days
    group by span_id
),

shares as (
    select
        shared_days.span_id,
        shared_days.payer_id,
        cast(null as varchar) as payer_fault,
        cast(count(*) as integer) as share_days,
        whole.share_of_days
    from shared_days
    inner join whole on shared_days.span_id = whole.span_id
    where whole.payer_fault is null
    group by shared_days.span_id, shared_days.payer_id, whole.share_of_days
),

chosen as (
    select * from shares
    union all
    select
        span_id,
        cast(null as bigint) as payer_id,
        payer_fault,
        cast(null as integer) as share_days,
        cast(null as integer) as share_of_days
    from whole
    where payer_fault is not null
    union all
    select
        span_id,
        payer_id,
        case when payer_id is null then 'payer_missing' end as payer_fault,
        cast(null as integer) as share_days,
        cast(null as integer) as share_of_days
    from {{ ref('int_pricing__spans') }}
    where not is_shared
),

-- Without a payer the family is the child's own file (int_pricing__payers).
own_families as (
    select
        chosen.span_id,
        members.family_id,
        row_number() over (
            partition by chosen.span_id order by members.role = 'child' desc, members.family_id
        ) as preference
    from chosen
    inner join {{ ref('int_pricing__spans') }} as spans on chosen.span_id = spans.span_id
    inner join {{ ref('stg_records__family_members') }} as members
        on spans.child_id = members.person_id
        and members.role in ('child', 'guardian')
        and members.valid_from <= spans.day
        and (members.valid_to is null or spans.day < members.valid_to)
    where chosen.payer_id is null
)

select
    chosen.span_id,
    chosen.payer_id,
    coalesce(payers.family_id, own_families.family_id) as family_id,
    chosen.payer_fault,
    -- A payer who has every day of it pays it whole.
    case when chosen.share_days < chosen.share_of_days then chosen.share_days end as share_days,
    case when chosen.share_days < chosen.share_of_days then chosen.share_of_days end as share_of_days
from chosen
left join {{ ref('stg_records__payers') }} as payers on chosen.payer_id = payers.payer_id
left join own_families on chosen.span_id = own_families.span_id and own_families.preference = 1
