with threshold as (
    select {{ last_by('parameters.parameter_value', 'parameters.valid_from') }} as threshold_amount
    from {{ ref('stg_records__parameters') }} as parameters
    inner join {{ ref('stg_records__build_days') }} as build_days on parameters.valid_from <= build_days.last_line_day
    where parameters.parameter_id = 'recettes.collection_threshold'
),

own as (
    select
        sums.payer_id,
        sums.month,
        sum(sums.lines_amount) as lines_amount,
        sum(sums.adjustments_amount) as adjustments_amount,
        sum(sums.waiting_after - sums.waiting_before) as aside_amount,
        {{ list_of(
            {
                'service': 'services.service_ref',
                'service_label': 'services.service_label',
                'amount': 'cast(sums.waiting_after - sums.waiting_before as decimal(12, 2))',
            },
            ['services.service_ref'],
        ) }} as services
    from {{ ref('int_billing__service_sums') }} as sums
    inner join {{ ref('stg_records__services') }} as services on sums.service_id = services.service_id
    group by sums.payer_id, sums.month
),

-- What was held under the threshold comes with its own line on the next invoice.
carried as (
    select
        drafts.payer_id,
        months.next_month as month,
        sum(drafts.net_amount) as carried_amount,
        {{ list_of(
            {'draft_id': 'drafts.draft_id', 'month': 'drafts.month', 'amount': 'drafts.net_amount'},
            ['drafts.month', 'drafts.draft_id'],
        ) }} as carried
    from {{ ref('int_billing__drafts') }} as drafts
    cross join {{ ref('int_billing__months') }} as months
    where drafts.is_outstanding
    group by drafts.payer_id, months.next_month
),

line_counts as (
    select
        payer_id,
        month,
        cast(sum(line_count) as bigint) as line_count
    from {{ ref('int_billing__lines') }}
    where status = 'billable'
    group by payer_id, month
),

summed as (
    select
        coalesce(own.payer_id, carried.payer_id) as payer_id,
        coalesce(own.month, carried.month) as month,
        cast(coalesce(own.lines_amount, 0) as decimal(12, 2)) as lines_amount,
        cast(coalesce(own.adjustments_amount, 0) as decimal(12, 2)) as adjustments_amount,
        cast(coalesce(own.aside_amount, 0) as decimal(12, 2)) as aside_amount,
        cast(coalesce(carried.carried_amount, 0) as decimal(12, 2)) as carried_amount,
        own.services,
        carried.carried
    from own
    full outer join carried on own.payer_id = carried.payer_id and own.month = carried.month
),

totals as (
    select
        summed.*,
        cast(
            summed.lines_amount + summed.adjustments_amount - summed.aside_amount + summed.carried_amount
            as decimal(12, 2)
        ) as total_amount
    from summed
)

select
    payers.payer_ref || '~' || cast(totals.month as varchar) as draft_key,
    payers.payer_ref,
    totals.month,
    coalesce(line_counts.line_count, 0) as line_count,
    totals.lines_amount,
    totals.adjustments_amount,
    totals.aside_amount,
    totals.carried_amount,
    totals.total_amount,
    cast(threshold.threshold_amount as decimal(12, 2)) as threshold_amount,
    totals.total_amount < threshold.threshold_amount as is_held,
    totals.services,
    totals.carried
from totals
cross join threshold
inner join {{ ref('stg_records__payers') }} as payers on totals.payer_id = payers.payer_id
left join line_counts on totals.payer_id = line_counts.payer_id and totals.month = line_counts.month
-- Nothing new, and still under the threshold: what is held stays held.
where
    line_counts.line_count > 0
    or totals.adjustments_amount <> 0
    or totals.aside_amount <> 0
    or totals.total_amount >= threshold.threshold_amount
