-- Lines alike, with all that a rule may ask of them: a child's days of a month that differ by the day alone are priced
-- once. What is not known stays null: a rule that asks for it stops the search.
-- What makes lines differ: of the same, only the day is another.
{% set compared = [
    'month', 'own_day', 'child_id', 'service_id', 'structure_id', 'enrolment_id', 'category', 'kind', 'rule_kind',
    'situation', 'formula_code', 'half_days', 'units_begun', 'asked_begun_minutes', 'rounded_minutes', 'is_due',
    'is_booked_late', 'origin', 'lead_minutes', 'asked_day_kind', 'rounding_minutes', 'rounding_on', 'rounding_mode',
    'qf_rule', 'is_provisional', 'held_back', 'period', 'day_count', 'minutes_over', 'line_fault', 'payer_id',
    'family_id', 'payer_fault', 'tariff_id', 'share_days', 'share_of_days', 'tariff_version_id', 'rank_basis',
    'qf_id', 'qf_value', 'qf_source', 'qf_effective_from', 'income_id', 'annual_cents', 'children_count',
    'aeeh_count', 'residence', 'school_level', 'sibling_rank', 'sibling_count', 'age_months',
] %}

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
),

covered as (
    select distinct enrolment_id
    from {{ ref('stg_records__coverage_enrolments') }}
),

dated as (
    select
        lines.*,
        {{ month_of('lines.day') }} as month,
        -- A share looks at the other shares, a body at what it paid before, the State's scale at the day: such a line
        -- is alike no other.
        case
            when lines.share_days is not null or covered.enrolment_id is not null or versions.has_scale then lines.day
        end as own_day,
        -- Other lists do not look at them: a Wednesday's meal is like any other, so are stays of as many units.
        case when versions.asks_day_kind then lines.day_kind end as asked_day_kind,
        case when versions.asks_begun_minutes then lines.begun_minutes end as asked_begun_minutes,
        versions.tariff_version_id,
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
        ranks.sibling_count,
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
    left join covered on lines.enrolment_id = covered.enrolment_id
),

alike as (
    select
        {%- for name in compared %}
        {{ name }},
        {%- endfor %}
        min(day) as day,
        count(*) as line_count,
        {{ days_alike() }} as days
    from dated
    group by
        {%- for name in compared %}
        {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
)

select
    {{ row_numbers() }} as line_id,
    alike.day,
    alike.month,
    alike.child_id,
    alike.service_id,
    alike.structure_id,
    alike.enrolment_id,
    alike.category,
    alike.kind,
    alike.rule_kind,
    alike.situation,
    alike.formula_code,
    alike.half_days,
    alike.units_begun,
    alike.asked_begun_minutes as begun_minutes,
    alike.rounded_minutes,
    alike.is_due,
    alike.is_booked_late,
    alike.origin,
    alike.lead_minutes,
    alike.asked_day_kind as day_kind,
    alike.rounding_minutes,
    alike.rounding_on,
    alike.rounding_mode,
    alike.qf_rule,
    alike.is_provisional,
    alike.held_back,
    alike.period,
    alike.day_count,
    alike.minutes_over,
    alike.line_fault,
    alike.payer_id,
    alike.family_id,
    alike.payer_fault,
    alike.tariff_id,
    alike.share_days,
    alike.share_of_days,
    alike.tariff_version_id,
    versions.tariff_label,
    versions.tariff_decision,
    versions.valid_from as tariff_valid_from,
    versions.unit_step_e4,
    versions.unit_step_mode,
    alike.rank_basis,
    alike.qf_id,
    alike.qf_value,
    alike.qf_source,
    alike.qf_effective_from,
    alike.income_id,
    alike.annual_cents,
    alike.children_count,
    alike.aeeh_count,
    alike.residence,
    alike.school_level,
    alike.sibling_rank,
    alike.sibling_count,
    alike.age_months,
    alike.line_count,
    alike.days
from alike
left join {{ ref('int_pricing__versions') }} as versions on alike.tariff_version_id = versions.tariff_version_id
