-- What a payer owes by service, and what « application stricte » keeps aside: such a credit never takes more than
-- the charges of its own service; the rest waits for them.
with charged as (
    select
        lines.payer_id,
        lines.month,
        lines.service_id,
        lines.due_amount * lines.line_count as lines_amount,
        cast(0 as decimal(12, 2)) as debits,
        cast(0 as decimal(12, 2)) as credits,
        cast(0 as decimal(12, 2)) as waiting
    from {{ ref('int_billing__lines') }} as lines
    left join {{ ref('int_billing__months') }} as months on true
    where lines.status = 'billable' and (months.last_month is null or lines.month > months.last_month)
    union all
    select
        adjustments.payer_id,
        months.next_month,
        adjustments.service_id,
        0,
        greatest(adjustments.adjustment_amount, 0),
        least(adjustments.adjustment_amount, 0),
        0
    from {{ ref('int_billing__adjustments') }} as adjustments
    cross join {{ ref('int_billing__months') }} as months
    union all
    select
        waiting.payer_id,
        months.next_month,
        waiting.service_id,
        0,
        0,
        0,
        waiting.waiting_amount
    from {{ ref('int_billing__waiting_credits') }} as waiting
    cross join {{ ref('int_billing__months') }} as months
),

summed as (
    select
        payer_id,
        month,
        service_id,
        cast(sum(lines_amount) as decimal(12, 2)) as lines_amount,
        cast(sum(debits) as decimal(12, 2)) as debits,
        cast(sum(credits) as decimal(12, 2)) as credits,
        cast(sum(waiting) as decimal(12, 2)) as waiting
    from charged
    group by payer_id, month, service_id
),

town_rule as (
    select {{ last_by('settings.credits_are_strict', 'settings.valid_from * 1000 + settings.seq') }} as is_strict
    from (
        select
            credits_are_strict,
            {{ days_from("cast('2000-01-01' as date)", 'valid_from') }} as valid_from,
            seq
        from {{ ref('stg_records__billing_settings') }}
        inner join {{ ref('stg_records__build_days') }} as build_days on valid_from <= build_days.last_line_day
    ) as settings
),

own_rules as (
    select
        payer_id,
        service_id,
        {{ last_by('is_strict', 'credit_rule_id') }} as is_strict
    from {{ ref('stg_records__credit_rules') }}
    group by payer_id, service_id
),

ruled as (
    select
        summed.*,
        coalesce(own_rules.is_strict, town_rule.is_strict, false) as is_strict
    from summed
    left join own_rules on summed.payer_id = own_rules.payer_id and summed.service_id = own_rules.service_id
    cross join town_rule
)

select
    payer_id,
    month,
    service_id,
    lines_amount,
    cast(debits + credits as decimal(12, 2)) as adjustments_amount,
    waiting as waiting_before,
    is_strict,
    cast(
        case when is_strict then least(0, lines_amount + debits + credits + waiting) else 0 end as decimal(12, 2)
    ) as waiting_after
from ruled
