with met as (
    select
        lines.*,
        bases.tariff_rule_id as found_rule_id,
        bases.rule_label as found_label,
        bases.qf_from,
        bases.qf_to,
        bases.unit_minutes as found_minutes,
        bases.price_basis as found_basis,
        amounts.unit_price as found_price,
        amounts.amount as found_amount,
        amounts.price_steps as found_steps,
        coalesce(
            bases.unit,
            case lines.kind when 'care' then 'unit_begun' else lines.kind end
        ) as unit,
        case
            when not lines.is_due then cast(0 as decimal(12, 4))
            else coalesce(bases.units, cast(
                coalesce(case when lines.kind = 'care' then lines.units_begun end, 1)
                as decimal(12, 4)
            ))
        end as units,
        case
            when bases.line_id is null and lines.kind = 'formula' and lines.formula_code is null
                then 'formula_missing'
            when lines.tariff_version_id is null then 'tariff_missing'
            when bases.line_id is null then 'tariff_gap'
            when modifiers.modifier_count > 8 then 'too_many_modifiers'
            else coalesce(bases.missing, modifiers.missing)
        end as price_fault
    from {{ ref('int_pricing__circumstances') }} as lines
    left join {{ ref('int_pricing__bases') }} as bases on lines.line_id = bases.line_id
    left join {{ ref('int_pricing__modifiers') }} as modifiers on lines.line_id = modifiers.line_id
    left join {{ ref('int_pricing__amounts') }} as amounts on lines.line_id = amounts.line_id
),

judged as (
    select
        *,
        price_fault is not null as is_unpriced,
        case
            when units <> 0 or payer_fault is not null or line_fault is not null
                then coalesce(payer_fault, line_fault, price_fault)
        end as fault,
        -- Hours that a contract gives back are taken off its bill.
        case when rule_kind = 'deduction' or kind like 'contract_back%' then -1 else 1 end as direction
    from met
),

amounts as (
    select
        judged.*,
        case
            when judged.fault is not null or judged.held_back is not null then null
            when judged.units = 0 then cast(0 as decimal(12, 2))
            else cast(judged.direction * judged.found_amount as decimal(12, 2))
        end as whole_amount
    from judged
),

-- Custody shares a price by days, to the cent: what the shares rounded down leave goes to the largest remainders, so
-- that they sum to the price. Payers of different prices each owe their days of their own.
shares as (
    select
        amounts.line_id,
        payers.payer_ref,
        amounts.child_id,
        amounts.service_id,
        amounts.day,
        amounts.kind,
        amounts.direction,
        amounts.share_of_days,
        cast(abs(amounts.whole_amount) * 100 as bigint) * amounts.share_days as hundredth_days
    from amounts
    inner join {{ ref('stg_records__payers') }} as payers on amounts.payer_id = payers.payer_id
    where amounts.share_days is not null and amounts.whole_amount is not null
),

ranked_shares as (
    select
        *,
        {{ whole_division('hundredth_days', 'share_of_days') }} as floor_cents,
        row_number() over (
            partition by child_id, service_id, day, kind
            order by hundredth_days % share_of_days desc, payer_ref
        ) as place,
        sum(hundredth_days) over (partition by child_id, service_id, day, kind) as all_hundredth_days,
        sum({{ whole_division('hundredth_days', 'share_of_days') }}) over (
            partition by child_id, service_id, day, kind
        ) as all_floor_cents
    from shares
),

share_amounts as (
    select
        line_id,
        direction * (
            floor_cents + case
                when place <= {{ whole_division('2 * all_hundredth_days + share_of_days', '2 * share_of_days') }} - all_floor_cents
                    then 1
                else 0
            end
        ) as cents
    from ranked_shares
)

select
    judged.line_id,
    judged.unit,
    cast(judged.direction * judged.units as decimal(12, 4)) as units,
    coalesce(judged.found_minutes, judged.rounding_minutes) as rounding_minutes,
    case when judged.found_minutes is null then judged.rounding_mode else 'begun' end as rounding_mode,
    {{ ratio('judged.annual_cents', '1200', 2) }} as monthly_income,
    judged.fault,
    case when not judged.is_unpriced then judged.found_rule_id end as tariff_rule_id,
    case when not judged.is_unpriced then judged.found_label end as rule_label,
    case when not judged.is_unpriced then judged.qf_from end as band_from,
    case when not judged.is_unpriced then judged.qf_to end as band_to,
    case when not judged.is_unpriced then judged.found_basis end as price_basis,
    case when not judged.is_unpriced then judged.found_price end as unit_price,
    coalesce({{ scaled('share_amounts.cents', 2) }}, judged.whole_amount) as amount,
    case when not judged.is_unpriced and judged.units <> 0 then judged.found_steps end as price_steps
from amounts as judged
left join share_amounts on judged.line_id = share_amounts.line_id
