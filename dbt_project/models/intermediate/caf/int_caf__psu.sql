-- What the CAF owes a place for early childhood, in a year or in its first months.
with declared as (
    select * from {{ ref('int_caf__psu_base') }}
),

{{ psu_owed() }}

select
    structure_id,
    caf_year,
    caf_part as period,
    is_over,
    realised_hours,
    billed_hours,
    cast(invoicing_rate as decimal(18, 6)) as invoicing_rate,
    authorised_places,
    {{ scaled('charge_cents', 2, 18) }} as charges,
    cast(cost_per_hour as decimal(18, 6)) as cost_per_hour,
    cast(price_cap as decimal(18, 6)) as price_cap,
    cast(price_retained as decimal(18, 6)) as price_retained,
    limited_by,
    contributions,
    contribution_per_hour,
    general_rate,
    {{ to_the_cent('exact_gross') }} as gross_amount,
    -- The greatest of an unknown and nothing would be nothing: what is refused stays unknown.
    {{ to_the_cent('case when exact_gross < 0 then 0 else exact_gross end * general_rate') }} as amount,
    {{ cost_fault() }} as cost_fault,
    fault
from funded
