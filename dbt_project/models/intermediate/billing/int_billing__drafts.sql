-- Drafts of issued runs, each with what became of it: invoiced, carried by a later one, still held, or billed anew.
with drafts as (
    select
        drafts.draft_id,
        drafts.payer_id,
        runs.month,
        drafts.is_held,
        cast(drafts.lines_amount + drafts.adjustments_amount - drafts.aside_amount as decimal(12, 2)) as net_amount,
        drafts.body
    from {{ ref('stg_records__invoice_drafts') }} as drafts
    inner join {{ ref('stg_records__billing_runs') }} as runs on drafts.run_id = runs.run_id
    where runs.state = 'issued'
),

undone_invoices as (
    select invoice_id from {{ ref('stg_records__credit_notes') }}
    where bills_again
),

-- A draft held before is taken over by the invoice of the draft that carries it.
taken as (
    select
        carried.carried_id as draft_id,
        max(case when undone_invoices.invoice_id is null then 0 else 1 end) = 1 as is_undone
    from {{ ref('stg_records__carried_drafts') }} as carried
    inner join {{ ref('stg_records__invoices') }} as invoices on carried.draft_id = invoices.draft_id
    left join undone_invoices on invoices.invoice_id = undone_invoices.invoice_id
    group by carried.carried_id
)

select
    drafts.draft_id,
    drafts.payer_id,
    drafts.month,
    drafts.net_amount,
    drafts.body,
    drafts.is_held and taken.draft_id is null as is_outstanding,
    undone_invoices.invoice_id is not null or coalesce(taken.is_undone, false) as is_undone
from drafts
left join {{ ref('stg_records__invoices') }} as invoices on drafts.draft_id = invoices.draft_id
left join undone_invoices on invoices.invoice_id = undone_invoices.invoice_id
left join taken on drafts.draft_id = taken.draft_id
