-- The place of a child among the children of the payer's file, the eldest first, twins by reference: all of them,
-- those enrolled in the service that day, or those with something due there that day. Without every birth date nobody
-- knows, unless nobody else counts; how many they are is known without. Only lines of tariffs that rank are here.
with asked as (
    select distinct
        lines.child_id,
        lines.service_id,
        lines.day,
        lines.payer_id,
        lines.family_id,
        versions.rank_basis
    from {{ ref('int_pricing__lines') }} as lines
    inner join {{ ref('int_pricing__versions') }} as versions
        on lines.tariff_id = versions.tariff_id
        and versions.valid_from <= lines.day
        and (versions.valid_to is null or lines.day < versions.valid_to)
    where versions.rank_basis is not null and lines.payer_id is not null
),

siblings as (
    select distinct
        asked.child_id,
        asked.service_id,
        asked.day,
        asked.payer_id,
        asked.rank_basis,
        members.person_id as sibling_id
    from asked
    inner join {{ ref('stg_records__family_members') }} as members
        on asked.family_id = members.family_id
        and asked.child_id <> members.person_id
        and members.role = 'child'
        and members.valid_from <= asked.day
        and (members.valid_to is null or asked.day < members.valid_to)
),

due_days as (
    select distinct
        lines.child_id,
        lines.service_id,
        lines.day
    from {{ ref('int_pricing__lines') }} as lines
    inner join (select distinct service_id from asked) as ranked on lines.service_id = ranked.service_id
    where lines.is_due
),

counted as (
    select
        siblings.child_id,
        siblings.service_id,
        siblings.day,
        siblings.payer_id,
        siblings.sibling_id
    from siblings
    left join due_days
        on siblings.rank_basis = 'same_day'
        and siblings.sibling_id = due_days.child_id
        and siblings.service_id = due_days.service_id
        and siblings.day = due_days.day
    where siblings.rank_basis = 'household' or due_days.child_id is not null
    union
    select
        siblings.child_id,
        siblings.service_id,
        siblings.day,
        siblings.payer_id,
        siblings.sibling_id
    from siblings
    inner join {{ ref('stg_records__enrolments') }} as enrolments
        on siblings.rank_basis = 'enrolled'
        and siblings.sibling_id = enrolments.child_id
        and siblings.service_id = enrolments.service_id
        and enrolments.valid_from <= siblings.day
        and (enrolments.valid_to is null or siblings.day < enrolments.valid_to)
)

select
    asked.child_id,
    asked.service_id,
    asked.day,
    asked.payer_id,
    case
        when max(
            case
                when counted.sibling_id is not null and (own.birth_date is null or others.birth_date is null) then 1
                else 0
            end
        ) = 0
            then cast(
                1 + sum(
                    case
                        when
                            others.birth_date < own.birth_date
                            or (others.birth_date = own.birth_date and others.person_ref < own.person_ref)
                            then 1
                        else 0
                    end
                ) as integer
            )
    end as sibling_rank,
    cast(1 + count(counted.sibling_id) as integer) as sibling_count
from asked
inner join {{ ref('stg_records__persons') }} as own on asked.child_id = own.person_id
left join counted
    on asked.child_id = counted.child_id
    and asked.service_id = counted.service_id
    and asked.day = counted.day
    and asked.payer_id = counted.payer_id
left join {{ ref('stg_records__persons') }} as others on counted.sibling_id = others.person_id
group by asked.child_id, asked.service_id, asked.day, asked.payer_id
