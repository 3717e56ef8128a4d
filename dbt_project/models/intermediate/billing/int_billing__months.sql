-- The last month invoiced, and the one whose invoices come next: it takes what is carried and corrected. No row
-- before the first invoices.
with issued as (
    select max(month) as last_month
    from {{ ref('stg_records__billing_runs') }}
    where state = 'issued'
),

later as (
    select min(lines.month) as first_month
    from {{ ref('int_billing__lines') }} as lines
    inner join issued on lines.month > issued.last_month
)

select
    issued.last_month,
    coalesce(later.first_month, {{ month_of("issued.last_month + interval '32' day") }}) as next_month
from issued
cross join later
where issued.last_month is not null
