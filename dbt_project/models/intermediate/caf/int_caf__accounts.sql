-- The accounts of a year, or of its first months, by their two first figures and the activity they are of.
select
    structure_id,
    accounting_year as caf_year,
    period,
    coalesce(activity, 'shared') as activity,
    nature,
    substring(account, 1, 2) as account_group,
    cast(sum(amount_cents) as bigint) as amount_cents
from {{ ref('stg_records__accounting_lines') }}
group by structure_id, accounting_year, period, coalesce(activity, 'shared'), nature, substring(account, 1, 2)
