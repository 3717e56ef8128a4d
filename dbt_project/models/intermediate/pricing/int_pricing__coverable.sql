-- Which coverages may pay for which lines, in whose turn, and what one unit of each stands for. Nothing is paid yet.
with applied as (
    select
        coverages.*,
        links.enrolment_id,
        links.removed_on
    from {{ ref('stg_records__coverage_enrolments') }} as links
    inner join {{ ref('stg_records__coverages') }} as coverages on links.coverage_id = coverages.coverage_id
    where coverages.state in ('notified', 'applied', 'used_up') and coverages.decision_number is not null
),

matched as (
    select
        priced.line_key,
        priced.day,
        priced.child_id,
        priced.service_id,
        priced.structure_id,
        priced.family_id,
        priced.payer_id,
        priced.kind,
        priced.unit as line_unit,
        priced.units as line_units,
        priced.billed_minutes,
        priced.day_count,
        formulas.half_days,
        cast(priced.amount * 100 as bigint) as line_cents,
        applied.coverage_id,
        applied.body_id,
        applied.rank,
        applied.form,
        applied.unit,
        applied.percent_e4,
        applied.amount_cents,
        applied.unit_ceiling_cents,
        applied.units_max,
        applied.year_units_max,
        applied.ceiling_cents,
        applied.valid_from,
        dense_rank() over (partition by priced.child_id order by applied.rank) as level,
        row_number() over (partition by priced.line_key, applied.rank order by applied.coverage_id) as place_of_rank
    from applied
    inner join {{ ref('int_pricing__priced') }} as priced
        on applied.enrolment_id = priced.enrolment_id
        and applied.valid_from <= priced.day
        and (applied.valid_to is null or priced.day < applied.valid_to)
        and (applied.removed_on is null or priced.day < applied.removed_on)
        and (applied.service_id is null or applied.service_id = priced.service_id)
    left join {{ ref('int_calendar__structure_days') }} as structure_days
        on priced.structure_id = structure_days.structure_id and priced.day = structure_days.day
    left join {{ ref('stg_records__service_formulas') }} as formulas
        on priced.service_id = formulas.service_id and priced.formula_code = formulas.formula_code
    where
        priced.amount <> 0
        and (not applied.is_holidays_only or structure_days.is_school_holiday)
),

-- What one unit is counted in, by ten-thousandths: minutes of an hour, half-days, days, meals; a séjour has all its
-- days, however it is priced, and a package of a month has none. A month of a contract has the hours of its line. The
-- shares of one price are the lines of one unit: what a body pays an hour is paid once, whoever pays the rest.
measured as (
    select
        *,
        case unit
            when 'hour'
                then case
                    when billed_minutes is not null then cast(billed_minutes as bigint) * 10000
                    when line_unit = 'hour' then cast(abs(line_units) * 600000 as bigint)
                    else 0
                end
            when 'meal' then case when kind = 'meal' then cast(line_units * 10000 as bigint) else 0 end
            when 'half_day'
                then 10000 * case
                    when kind like 'membership%' or kind like 'contract%' then 0
                    when kind = 'sejour' then 2 * day_count
                    else coalesce(half_days, 1)
                end
            when 'day'
                then 10000 * case
                    when kind like 'membership%' or kind like 'contract%' then 0
                    when kind = 'sejour' then day_count
                    else 1
                end
            else 10000
        end as quantity,
        case when unit = 'hour' then 600000 else 10000 end as quantities_a_unit,
        case unit
            when 'total' then valid_from
            when 'month' then {{ month_of('day') }}
            else day
        end as bucket_on,
        case
            when unit not in ('day', 'month', 'total') then min(line_key) over (partition by coverage_id, service_id, day, kind)
        end as bucket
    from matched
),

-- The body's own scale of the day, for those that pay by it.
scales as (
    select
        measured.line_key,
        measured.coverage_id,
        scales.aid_scale_id,
        scales.qf_day,
        row_number() over (
            partition by measured.line_key, measured.coverage_id
            order by scales.valid_from desc, scales.seq desc
        ) as preference
    from measured
    inner join {{ ref('stg_records__aid_scales') }} as scales
        on measured.body_id = scales.body_id and scales.valid_from <= measured.day
    where measured.form = 'scale'
),

by_scale as (
    select
        measured.line_key,
        measured.coverage_id,
        scales.aid_scale_id,
        qf.qf_value,
        bands.amount_cents
    from measured
    inner join scales
        on measured.line_key = scales.line_key
        and measured.coverage_id = scales.coverage_id
        and scales.preference = 1
    left join {{ ref('int_pricing__qf') }} as qf
        on measured.payer_id = qf.payer_id
        and scales.qf_day = qf.qf_rule
        and qf.valid_from <= measured.day
        and (qf.valid_to is null or measured.day < qf.valid_to)
        and qf.qf_source <> 'default'
    left join {{ ref('stg_records__aid_bands') }} as bands
        on scales.aid_scale_id = bands.aid_scale_id
        and qf.qf_value >= bands.qf_from
        and qf.qf_value < bands.qf_to
)

select
    measured.line_key,
    measured.coverage_id,
    measured.level,
    measured.rank,
    measured.child_id,
    measured.service_id,
    measured.structure_id,
    measured.family_id,
    measured.payer_id,
    -- A contract has months and an end that are owed; hours are taken off a month of it, or off all its months. The
    -- second contract of a child says so in its kind.
    case
        when measured.kind like 'contract_back%' then 'back'
        when measured.kind like 'contract%' then 'owed'
        when measured.kind like 'deduction%' then 'deducted'
    end as part,
    measured.day,
    {{ month_of('measured.day') }} as month_on,
    measured.line_cents,
    measured.unit,
    measured.bucket_on,
    measured.bucket,
    cast(measured.quantity as bigint) as quantity,
    cast(measured.quantities_a_unit as bigint) as quantities_a_unit,
    measured.units_max * measured.quantities_a_unit as quantity_max,
    measured.year_units_max * measured.quantities_a_unit as year_quantity_max,
    measured.percent_e4,
    -- Above the last band of a scale the body pays nothing.
    case measured.form
        when 'scale' then coalesce(by_scale.amount_cents, 0)
        when 'percent' then measured.unit_ceiling_cents
        else measured.amount_cents
    end as unit_cents,
    measured.ceiling_cents,
    case
        when measured.place_of_rank > 1 then 'coverage_rank_twice'
        when measured.level > {{ coverage_levels() }} then 'coverages_too_many'
        when measured.form = 'scale' and by_scale.aid_scale_id is null then 'aid_scale_missing'
        when measured.form = 'scale' and by_scale.qf_value is null then 'aid_qf_missing'
    end as fault
from measured
left join by_scale
    on measured.line_key = by_scale.line_key and measured.coverage_id = by_scale.coverage_id
where measured.quantity <> 0
