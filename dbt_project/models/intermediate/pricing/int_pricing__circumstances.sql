-- All that a rule may ask of a line. What is not known stays null: a rule that asks for it stops the search.
with levels as (
    select
        memberships.person_id,
        classes.school_level,
        memberships.valid_from,
        least(
            coalesce(memberships.valid_to, date '9999-12-31'),
            coalesce(
                lead(memberships.valid_from) over (
                    partition by memberships.person_id
                    order by memberships.valid_from, memberships.class_membership_id
                ),
                date '9999-12-31'
            )
        ) as valid_to
    from {{ ref('stg_records__class_memberships') }} as memberships
    inner join {{ ref('stg_records__school_classes') }} as classes on memberships.class_id = classes.class_id
)

select
    {{ row_numbers() }} as line_id,
    lines.*,
    versions.tariff_version_id,
    versions.tariff_label,
    versions.tariff_decision,
    versions.valid_from as tariff_valid_from,
    versions.unit_step_e4,
    versions.rank_basis,
    qf.qf_id,
    qf.qf_value,
    qf.qf_source,
    qf.qf_effective_from,
    incomes.income_id,
    incomes.annual_cents,
    incomes.children_count,
    incomes.aeeh_count,
    residences.residence,
    levels.school_level,
    ranks.sibling_rank,
    {{ age_months('persons.birth_date', 'lines.day') }} as age_months
from {{ ref('int_pricing__lines') }} as lines
inner join {{ ref('stg_records__persons') }} as persons on lines.child_id = persons.person_id
left join {{ ref('int_pricing__versions') }} as versions
    on lines.tariff_id = versions.tariff_id
    and versions.valid_from <= lines.day
    and (versions.valid_to is null or lines.day < versions.valid_to)
left join {{ ref('int_pricing__qf') }} as qf
    on lines.payer_id = qf.payer_id
    and lines.qf_rule = qf.qf_rule
    and qf.valid_from <= lines.day
    and (qf.valid_to is null or lines.day < qf.valid_to)
left join {{ ref('int_pricing__incomes') }} as incomes
    on lines.payer_id = incomes.payer_id
    and lines.qf_rule = incomes.qf_rule
    and incomes.valid_from <= lines.day
    and (incomes.valid_to is null or lines.day < incomes.valid_to)
left join {{ ref('int_pricing__residences') }} as residences
    on lines.payer_id = residences.payer_id
    and residences.valid_from <= lines.day
    and (residences.valid_to is null or lines.day < residences.valid_to)
left join levels
    on lines.child_id = levels.person_id
    and levels.valid_from <= lines.day
    and lines.day < levels.valid_to
left join {{ ref('int_pricing__ranks') }} as ranks
    on lines.child_id = ranks.child_id
    and lines.service_id = ranks.service_id
    and lines.day = ranks.day
    and lines.payer_id = ranks.payer_id
