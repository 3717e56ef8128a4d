-- No coverage pays more than its ceiling, nor for more units than were agreed, in all or in a calendar year.
with paid as (
    select
        coverage_id,
        sum(amount) as amount,
        sum(units) as units
    from {{ ref('int_pricing__covered') }}
    group by coverage_id
),

paid_a_year as (
    select
        coverage_id,
        extract(year from day) as year,
        sum(units) as units
    from {{ ref('int_pricing__covered') }}
    group by coverage_id, extract(year from day)
)

select
    coverages.coverage_ref,
    paid.amount,
    paid.units,
    paid_a_year.units as year_units
from paid
inner join {{ ref('stg_records__coverages') }} as coverages on paid.coverage_id = coverages.coverage_id
inner join paid_a_year on paid.coverage_id = paid_a_year.coverage_id
where
    paid.amount * 100 > coverages.ceiling_cents
    or paid.units > coverages.units_max
    or paid_a_year.units > coverages.year_units_max
