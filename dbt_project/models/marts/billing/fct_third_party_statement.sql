-- What each body owes for a month, one line per decision.
with of_decision as (
    select
        {{ month_of('covered.day') }} as month,
        covered.coverage_id,
        min(covered.day) as first_day,
        max(covered.day) as last_day,
        count(*) as line_count,
        count(distinct covered.day) as day_count,
        cast(sum(covered.units) as decimal(12, 4)) as units,
        cast(sum(covered.amount) as decimal(12, 2)) as amount,
        cast(sum(priced.amount) as decimal(12, 2)) as price,
        bool_or(priced.is_provisional) as is_provisional
    from {{ ref('int_pricing__covered') }} as covered
    inner join {{ ref('int_pricing__priced') }} as priced on covered.line_key = priced.line_key
    group by {{ month_of('covered.day') }}, covered.coverage_id
),

structure_lists as (
    select
        {{ month_of('covered.day') }} as month,
        covered.coverage_id,
        {{ joined_text('structures.structure_label', ', ') }} as structure_labels
    from {{ ref('int_pricing__covered') }} as covered
    inner join {{ ref('stg_records__structures') }} as structures on covered.structure_id = structures.structure_id
    group by {{ month_of('covered.day') }}, covered.coverage_id
)

select
    of_decision.month,
    coverages.coverage_ref,
    bodies.body_ref,
    bodies.body_name,
    bodies.body_kind,
    coverages.coverage_kind,
    coverages.decision_number,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    persons.last_name as child_last_name,
    structure_lists.structure_labels,
    of_decision.first_day,
    of_decision.last_day,
    cast(of_decision.line_count as integer) as line_count,
    cast(of_decision.day_count as integer) as day_count,
    coverages.unit,
    of_decision.units,
    of_decision.price,
    of_decision.amount,
    of_decision.is_provisional
from of_decision
inner join structure_lists
    on of_decision.month = structure_lists.month and of_decision.coverage_id = structure_lists.coverage_id
inner join {{ ref('stg_records__coverages') }} as coverages on of_decision.coverage_id = coverages.coverage_id
inner join {{ ref('stg_records__paying_bodies') }} as bodies on coverages.body_id = bodies.body_id
inner join {{ ref('stg_records__persons') }} as persons on coverages.child_id = persons.person_id
