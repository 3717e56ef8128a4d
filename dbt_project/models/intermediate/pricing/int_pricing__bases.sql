-- The first rule gives the price of a unit. One that asks for what nobody knows stops the search: the line waits
-- rather than falling through to a rule meant for others. Every effect is here, exact to twelve decimals.
with firsts as (
    select
        line_id,
        min(ordinal) as ordinal
    from {{ ref('int_pricing__candidates') }}
    where applies_to is null
    group by line_id
),

chosen as (
    select
        lines.line_id,
        lines.day,
        lines.qf_value,
        lines.annual_cents,
        greatest(1, lines.children_count + lines.aeeh_count) as counted_children,
        lines.rounded_minutes,
        lines.minutes_over,
        {{ quantity('rules', 'lines') }} as units,
        {{ missing_for('rules', 'lines') }} as missing,
        rules.*
    from firsts
    inner join {{ ref('int_pricing__circumstances') }} as lines on firsts.line_id = lines.line_id
    inner join {{ ref('stg_records__tariff_rules') }} as rules
        on lines.tariff_version_id = rules.tariff_version_id and firsts.ordinal = rules.ordinal
),

-- The State's scale: a child who opens the AEEH counts once more (CAF notes §1.1).
scaled as (
    select
        chosen.*,
        scale.rate_e6 as scale_rate_e6,
        scale.floor_cents,
        scale.ceiling_cents
    from chosen
    left join {{ ref('int_pricing__psu_scale') }} as scale
        on chosen.form = 'psu'
        and chosen.basis = scale.basis
        and scale.children_from <= chosen.counted_children
        and (scale.children_to is null or chosen.counted_children < scale.children_to)
        and scale.valid_from <= chosen.day
        and (scale.valid_to is null or chosen.day < scale.valid_to)
),

priced as (
    select
        line_id,
        tariff_rule_id,
        rule_label,
        form,
        unit,
        unit_minutes,
        units,
        rounded_minutes,
        minutes_over,
        qf_from,
        qf_to,
        basis,
        floor_e4,
        ceiling_e4,
        coalesce(
            missing,
            case
                when form = 'psu' and (scale_rate_e6 is null or floor_cents is null or ceiling_cents is null)
                    then 'scale_missing'
            end
        ) as missing,
        case form
            when 'flat' then {{ exact(scaled('amount_e4', 4)) }}
            when 'linear'
                then {{ exact_ratio(
                    "amount_e4 * cast((qf_to - qf_from) * 100 as bigint)"
                    ~ " + (amount_to_e4 - amount_e4) * cast((qf_value - qf_from) * 100 as bigint)",
                    "10000 * cast((qf_to - qf_from) * 100 as bigint)"
                ) }}
            when 'psu'
                then {{ exact_ratio(
                    "scale_rate_e6 * greatest(12 * floor_cents, case when above_ceiling then annual_cents"
                    ~ " else least(annual_cents, 12 * ceiling_cents) end)",
                    "cast(1200000000 as bigint)", 2
                ) }}
            else
                {{ exact(scaled("coalesce(amount_e4, 0)", 4)) }}
                + case basis
                    when 'qf'
                        then {{ exact(
                            scaled('rate_e6', 6) ~ " * qf_value"
                        ) }}
                    else {{ exact_ratio("rate_e6 * annual_cents", "cast(1200000000 as bigint)") }}
                end
        end as computed_price
    from scaled
)

select
    line_id,
    tariff_rule_id,
    rule_label,
    form,
    unit,
    unit_minutes,
    units,
    rounded_minutes,
    minutes_over,
    qf_from,
    qf_to,
    -- What the price is worked out of: a line between two QF has no other basis.
    case when form = 'linear' then 'qf' else basis end as price_basis,
    missing,
    {{ exact(
        "least(greatest(computed_price, coalesce(" ~ scaled('floor_e4', 4) ~ ", computed_price)), coalesce("
        ~ scaled('ceiling_e4', 4) ~ ", greatest(computed_price, coalesce(" ~ scaled('floor_e4', 4)
        ~ ", computed_price))))"
    ) }} as base_price
from priced
