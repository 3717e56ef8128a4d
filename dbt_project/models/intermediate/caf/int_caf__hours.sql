with present as (
    select
        decided.*,
        service_days.service_kind,
        service_days.caf_kind,
        service_days.caf_hour_rule,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        service_days.slot_end_minute - service_days.slot_start_minute as slot_minutes
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    where
        decided.is_present
        and service_days.caf_kind <> 'none'
        and service_days.caf_hour_rule <> 'none'
        -- Adults eat at the canteen too; CAF counts children.
        and decided.child_id in (
            select members.person_id from {{ ref('stg_records__family_members') }} as members
            where members.role = 'child'
        )
),

dates as (
    select distinct day from present
),

parameters as (
    select
        dates.day,
        {{ last_by(
            "case when parameters.parameter_id = 'caf.alsh.wednesday_day_cap' then parameters.parameter_value end",
            "case when parameters.parameter_id = 'caf.alsh.wednesday_day_cap' then parameters.valid_from end"
        ) }} as day_cap_minutes,
        {{ last_by(
            "case when parameters.parameter_id = 'caf.alsh.wednesday_half_day_cap' then parameters.parameter_value end",
            "case when parameters.parameter_id = 'caf.alsh.wednesday_half_day_cap' then parameters.valid_from end"
        ) }} as half_day_cap_minutes,
        {{ last_by(
            "case when parameters.parameter_id = 'caf.alsh.age_limit_years' then parameters.parameter_value end",
            "case when parameters.parameter_id = 'caf.alsh.age_limit_years' then parameters.valid_from end"
        ) }} as age_limit_years
    from dates
    left join {{ ref('stg_records__parameters') }} as parameters on parameters.valid_from <= dates.day
    group by dates.day
),

-- The régime is that of the family file that consumes: the payer's, else the child's own.
regimes as (
    select
        present.child_id,
        present.service_id,
        present.day,
        regimes.regime_group,
        row_number() over (
            partition by present.child_id, present.service_id, present.day
            order by regimes.effective_from desc, regimes.recorded_at desc, regimes.regime_id desc
        ) as preference
    from present
    inner join {{ ref('int_pricing__payers') }} as payers
        on present.child_id = payers.child_id
        and present.service_id = payers.service_id
        and present.day = payers.day
    inner join {{ ref('stg_records__regimes') }} as regimes
        on payers.family_id = regimes.family_id and regimes.effective_from <= present.day
),

counted as (
    select
        present.child_id,
        present.service_id,
        present.day,
        present.structure_id,
        present.caf_kind,
        present.caf_hour_rule,
        present.formula_code,
        present.is_arrival_derived or present.is_departure_derived as is_derived,
        persons.birth_date,
        parameters.age_limit_years,
        held_back.reason as held_back,
        coalesce(regimes.regime_group, 'INCONNU') as regime_group,
        case
            when present.caf_hour_rule = 'slot_full' then present.slot_minutes
            -- Realised hours follow the rounding of billed hours (CAF notes §1.2).
            when present.caf_hour_rule = 'real' and present.rounding_on = 'duration'
                then present.rounding_minutes * {{ units_counted(
                    'present.real_minutes', 'present.rounding_mode', 'present.rounding_minutes',
                    'present.tolerance_minutes'
                ) }}
            when present.caf_hour_rule = 'real' then present.real_minutes
            else cast(
                least(
                    coalesce(formulas.end_minute - formulas.start_minute, present.slot_minutes),
                    case
                        when formulas.with_meal then parameters.day_cap_minutes
                        else coalesce(formulas.half_days, 2) * parameters.half_day_cap_minutes
                    end
                ) as integer
            )
        end as minutes,
        case
            when
                present.caf_hour_rule = 'formula_capped'
                and case
                    when formulas.with_meal then parameters.day_cap_minutes else parameters.half_day_cap_minutes
                end is null
                then 'parameter_missing'
            when persons.birth_date is null or parameters.age_limit_years is null then 'age_unknown'
        end as fault
    from present
    inner join parameters on present.day = parameters.day
    inner join {{ ref('stg_records__persons') }} as persons on present.child_id = persons.person_id
    left join {{ ref('stg_records__service_formulas') }} as formulas
        on present.service_id = formulas.service_id and present.formula_code = formulas.formula_code
    left join regimes
        on present.child_id = regimes.child_id
        and present.service_id = regimes.service_id
        and present.day = regimes.day
        and regimes.preference = 1
    left join {{ ref('int_attendance__held_back') }} as held_back
        on present.child_id = held_back.child_id
        and present.service_id = held_back.service_id
        and present.day = held_back.day
        and held_back.holds_hours
)

select
    child_id,
    service_id,
    day,
    structure_id,
    caf_kind,
    caf_hour_rule,
    formula_code,
    is_derived,
    regime_group,
    case
        when birth_date is null or age_limit_years is null then 'unknown'
        when {{ age_years('birth_date', 'day') }} < age_limit_years then 'under_6'
        else 'from_6'
    end as age_group,
    case when coalesce(fault, '') <> 'parameter_missing' then minutes end as minutes,
    fault,
    held_back
from counted
