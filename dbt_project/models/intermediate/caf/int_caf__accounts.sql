-- The accounts of a year by their two first figures.
select
    structure_id,
    accounting_year as caf_year,
    nature,
    substring(account, 1, 2) as account_group,
    cast(sum(amount_cents) as bigint) as amount_cents
from {{ ref('stg_records__accounting_lines') }}
group by structure_id, accounting_year, nature, substring(account, 1, 2)
