with
{{ effective_ranges(ref('stg_records__incomes'), 'income_id', "standing.income_source <> 'none'") }}

select
    held.payer_id,
    held.qf_rule,
    held.valid_from,
    held.valid_to,
    incomes.income_id,
    incomes.annual_cents,
    incomes.children_count,
    incomes.aeeh_count,
    incomes.income_source
from held
inner join facts as incomes on held.income_id = incomes.income_id
