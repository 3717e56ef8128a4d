with present as {{ not_kept() }} (
    select
        decided.*,
        service_days.service_kind,
        service_days.caf_kind,
        service_days.caf_hour_rule,
        service_days.rounding_minutes,
        service_days.rounding_on,
        service_days.rounding_mode,
        service_days.tolerance_minutes,
        service_days.serves_meal,
        service_days.slot_start_minute,
        service_days.slot_end_minute - service_days.slot_start_minute as slot_minutes,
        {{ caf_period('service_days') }} as period
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    -- CAF counts children.
    inner join {{ ref('int_attendance__children') }} as children on decided.child_id = children.child_id
    where
        decided.is_present
        and service_days.caf_kind <> 'none'
        and service_days.caf_hour_rule <> 'none'
),

dates as (
    select distinct day from present
),

parameters as (
    {{ parameters_of_days('dates', {
        'day_cap_minutes': 'caf.alsh.wednesday_day_cap',
        'half_day_cap_minutes': 'caf.alsh.wednesday_half_day_cap',
        'age_limit_years': 'caf.alsh.age_limit_years',
        'meal_minutes': 'caf.alsh.midday_meal_deduction',
        'half_day_minutes': 'caf.alsh.holiday_half_day',
        'day_minutes': 'caf.alsh.holiday_day',
        'sejour_minutes': 'caf.alsh.sejour_day',
        'sejour_days_max': 'caf.alsh.sejour_days_max',
        'eaje_until_years': 'caf.psu.age_limit_years',
        'youth_from_years': 'caf.youth.age_from_years',
        'youth_to_years': 'caf.youth.age_to_years',
    }) }}
),

-- Where holidays are billed by a unit of time, it says how they are declared (CAF notes §2.2).
billed_units as (
    select
        priced.child_id,
        priced.service_id,
        priced.day,
        min(priced.unit) as unit,
        max(priced.units) as units,
        max({{ minutes_billed('priced') }}) as minutes
    from {{ ref('int_pricing__priced') }} as priced
    where
        priced.kind in ('care', 'formula')
        and priced.units <> 0
        and priced.unit in ('hour', 'minute', 'unit_begun', 'half_day', 'day', 'formula')
        and priced.service_id in (select distinct present.service_id from present where present.caf_hour_rule = 'billed_unit')
    group by priced.child_id, priced.service_id, priced.day
),

trips as (
    select
        enrolments.enrolment_id,
        {{ days_from('sejours.starts_on', 'sejours.ends_on') }} as day_count
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join {{ ref('stg_records__sejours') }} as sejours on enrolments.sejour_id = sejours.sejour_id
),

dated as {{ not_kept() }} (
    select
        present.*,
        parameters.day_cap_minutes,
        parameters.half_day_cap_minutes,
        parameters.age_limit_years,
        parameters.meal_minutes,
        parameters.half_day_minutes,
        parameters.day_minutes,
        parameters.sejour_minutes,
        parameters.sejour_days_max,
        parameters.eaje_until_years,
        parameters.youth_from_years,
        parameters.youth_to_years,
        persons.birth_date,
        {{ age_years('persons.birth_date', 'present.day') }} as age_years,
        coalesce(formulas.with_meal, present.serves_meal, false) as with_meal,
        coalesce(formulas.half_days, 2) as half_days,
        coalesce(formulas.end_minute - formulas.start_minute, present.slot_minutes) as formula_minutes,
        billed_units.unit as billed_unit,
        billed_units.units as billed_units,
        billed_units.minutes as billed_unit_minutes,
        trips.day_count as trip_days,
        held_back.reason as held_back,
        coalesce(regimes.regime_group, 'INCONNU') as regime_group,
        aeeh_rights.child_id is not null as is_aeeh
    from present
    inner join parameters on present.day = parameters.day
    inner join {{ ref('stg_records__persons') }} as persons on present.child_id = persons.person_id
    left join {{ ref('stg_records__service_formulas') }} as formulas
        on present.service_id = formulas.service_id and present.formula_code = formulas.formula_code
    -- The régime is that of the family file that consumes: the payer's, else the child's own.
    left join {{ ref('int_pricing__payers') }} as payers
        on present.child_id = payers.child_id
        and present.service_id = payers.service_id
        and present.day = payers.day
    left join {{ ref('int_caf__regimes') }} as regimes
        on payers.family_id = regimes.family_id
        and regimes.valid_from <= present.day
        and (regimes.valid_to is null or present.day < regimes.valid_to)
    left join {{ ref('stg_records__aeeh_rights') }} as aeeh_rights
        on present.child_id = aeeh_rights.child_id
        and aeeh_rights.valid_from <= present.day
        and (aeeh_rights.valid_to is null or present.day < aeeh_rights.valid_to)
    left join billed_units
        on present.child_id = billed_units.child_id
        and present.service_id = billed_units.service_id
        and present.day = billed_units.day
    left join trips on present.enrolment_id = trips.enrolment_id
    left join {{ ref('int_attendance__held_back') }} as held_back
        on present.child_id = held_back.child_id
        and present.service_id = held_back.service_id
        and present.day = held_back.day
        and held_back.holds_hours
),

-- The rule that gives the minutes: of the service, and for holidays of the unit that is billed.
ruled as {{ not_kept() }} (
    select
        *,
        case
            when caf_hour_rule = 'billed_unit' and billed_unit in ('hour', 'minute', 'unit_begun') then 'billed'
            when caf_hour_rule = 'billed_unit' and billed_unit = 'half_day' then 'half_days'
            -- A formula is sold for half a day or for a whole one.
            when caf_hour_rule = 'billed_unit' and billed_unit = 'formula' and half_days = 1 then 'half_days'
            when caf_hour_rule = 'billed_unit' and billed_unit = 'formula' then 'days'
            when caf_hour_rule = 'billed_unit' and billed_unit = 'day' then 'days'
            when caf_hour_rule = 'billed_unit' then 'real'
            else caf_hour_rule
        end as hour_rule,
        case when with_meal then day_cap_minutes else half_days * half_day_cap_minutes end as cap_minutes,
        -- A Wednesday has a cap, whatever the rule of the service (CAF notes §2.2).
        caf_kind = 'periscolaire_wednesday' as is_wednesday
    from dated
),

counted as {{ not_kept() }} (
    select
        *,
        case hour_rule
            when 'slot_full'
                then slot_minutes - case when caf_kind = 'periscolaire_midday' then least(slot_minutes, meal_minutes) else 0 end
            when 'formula_capped' then least(formula_minutes, cap_minutes)
            when 'billed' then billed_unit_minutes
            when 'half_days' then billed_units * half_day_minutes
            when 'days' then day_minutes
            when 'sejour' then sejour_minutes
            -- Realised hours follow the rounding of billed hours (CAF notes §1.2).
            when 'real' then case
                when rounding_on = 'duration'
                    then rounding_minutes * {{ units_counted(
                        'real_minutes', 'rounding_mode', 'rounding_minutes', 'tolerance_minutes'
                    ) }}
                else real_minutes
            end
        end as rule_minutes,
        case hour_rule
            when 'slot_full' then caf_kind = 'periscolaire_midday' and meal_minutes is null
            when 'formula_capped' then cap_minutes is null
            when 'half_days' then half_day_minutes is null
            when 'days' then day_minutes is null
            when 'sejour' then sejour_minutes is null or sejour_days_max is null
            else false
        end
        or (is_wednesday and cap_minutes is null) as is_parameter_missing
    from ruled
),

judged as {{ not_kept() }} (
    select
        child_id,
        service_id,
        day,
        structure_id,
        slot_start_minute,
        caf_kind,
        hour_rule,
        period,
        formula_code,
        is_arrival_derived or is_departure_derived as is_derived,
        regime_group,
        is_aeeh,
        cast(age_years as integer) as age_years,
        case
            when birth_date is null or age_limit_years is null then 'unknown'
            when age_years < age_limit_years then 'under_6'
            else 'from_6'
        end as age_group,
        case
            when is_parameter_missing then 'parameter_missing'
            when hour_rule = 'sejour' and trip_days > sejour_days_max then 'sejour_too_long'
            when caf_kind = 'eaje' and age_years >= eaje_until_years then 'over_age'
            when caf_kind = 'youth' and (age_years < youth_from_years or age_years >= youth_to_years) then 'over_age'
            when birth_date is null or age_limit_years is null then 'age_unknown'
        end as fault,
        held_back,
        rule_minutes,
        is_wednesday,
        cap_minutes,
        case when with_meal then day_cap_minutes else 2 * half_day_cap_minutes end as whole_day_cap_minutes
    from counted
),

-- Services of one Wednesday share its cap: the last of the day have what the first ones left. Other days are not put
-- in order for it.
shared as (
    select
        *,
        cast(null as decimal(18, 6)) as minutes_left
    from judged
    where not is_wednesday
    union all
    select
        *,
        least(
            cap_minutes,
            max(whole_day_cap_minutes) over (partition by child_id, structure_id, day)
            - coalesce(sum(least(rule_minutes, cap_minutes)) over (
                partition by child_id, structure_id, day order by slot_start_minute, service_id
                rows between unbounded preceding and 1 preceding
            ), 0)
        ) as minutes_left
    from judged
    where is_wednesday
),

capped as (
    select
        *,
        -- The least of an unknown and a cap would be the cap: what is unknown stays unknown.
        case when rule_minutes > minutes_left then greatest(0, minutes_left) else rule_minutes end as minutes
    from shared
)

select
    child_id,
    service_id,
    day,
    structure_id,
    caf_kind,
    case when minutes < rule_minutes then 'wednesday_cap' else hour_rule end as caf_hour_rule,
    period,
    formula_code,
    is_derived,
    regime_group,
    is_aeeh,
    age_years,
    age_group,
    case
        -- Hours of a child too old are hours, but nobody declares them.
        when coalesce(fault, '') not in ('parameter_missing', 'sejour_too_long') then cast(minutes as integer)
    end as minutes,
    fault,
    held_back
from capped
