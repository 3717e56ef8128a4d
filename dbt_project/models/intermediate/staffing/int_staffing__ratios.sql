-- The days shown: some weeks back (staffing_days_back) and all that are planned; before them, those whose team was said,
-- which a control of the CAF holds against the ratio. A place that never said it is in a PEDT is in none.
with known as (
    select
        structure_days.structure_id,
        structure_days.day,
        structure_days.weekday,
        structure_days.is_school_holiday,
        {{ days_from('structure_days.day', local_day('moments.as_of', 'structure_days.timezone')) }} as days_ago
    from {{ ref('int_calendar__structure_days') }} as structure_days
    inner join {{ ref('stg_records__build_moments') }} as moments
        on structure_days.structure_id = moments.structure_id
),

said as (
    select distinct
        known.structure_id,
        known.day
    from known
    inner join {{ ref('stg_records__staff_plans') }} as plans
        on known.structure_id = plans.structure_id
        and case
            when plans.is_one_day then known.day = plans.valid_from
            else
                plans.valid_from <= known.day
                and known.weekday = plans.weekday
                and plans.period = case when known.is_school_holiday then 'holiday' else 'school' end
        end
    where known.days_ago > {{ var('staffing_days_back') }}
),

days as (
    select known.*
    from known
    left join said on known.structure_id = said.structure_id and known.day = said.day
    where known.days_ago <= {{ var('staffing_days_back') }} or said.day is not null
),

parameters as (
    select
        calendar.day,
        parameters.parameter_id,
        cast(parameters.parameter_value as integer) as parameter_value
    from (select distinct day from days) as calendar
    inner join {{ ref('stg_records__parameters') }} as parameters
        on parameters.valid_from <= calendar.day
        and (parameters.valid_to is null or calendar.day < parameters.valid_to)
    where parameters.parameter_id like 'encadrement.%' or parameters.parameter_id = 'caf.alsh.age_limit_years'
),

by_day as (
    select
        day,
        {%- for name, parameter in {
            "age_limit_years": "caf.alsh.age_limit_years",
            "long_after": "encadrement.long_after",
            "director_apart_from": "encadrement.director_apart_from",
            "short_under_6_per": "encadrement.periscolaire.short_under_6",
            "short_from_6_per": "encadrement.periscolaire.short_from_6",
            "long_under_6_per": "encadrement.periscolaire.long_under_6",
            "long_from_6_per": "encadrement.periscolaire.long_from_6",
            "pedt_short_under_6_per": "encadrement.periscolaire.pedt_short_under_6",
            "pedt_short_from_6_per": "encadrement.periscolaire.pedt_short_from_6",
            "pedt_long_under_6_per": "encadrement.periscolaire.pedt_long_under_6",
            "pedt_long_from_6_per": "encadrement.periscolaire.pedt_long_from_6",
            "holiday_under_6_per": "encadrement.extrascolaire.under_6",
            "holiday_from_6_per": "encadrement.extrascolaire.from_6",
            "daycare_per": "encadrement.eaje.mixed",
            "walking_per": "encadrement.eaje.walking",
            "not_walking_per": "encadrement.eaje.not_walking",
            "daycare_min": "encadrement.eaje.professionals_min",
        }.items() %}
        max(case when parameter_id = '{{ parameter }}' then parameter_value end) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from parameters
    group by day
)

select
    days.structure_id,
    days.day,
    cast(days.weekday as integer) as weekday,
    case when days.is_school_holiday then 'holiday' else 'school' end as period,
    days.days_ago <= {{ var('staffing_days_back') }} as is_shown,
    days.days_ago > 0 as is_past,
    coalesce(settings.has_pedt, false) as has_pedt,
    by_day.age_limit_years,
    by_day.long_after,
    by_day.director_apart_from,
    case when coalesce(settings.has_pedt, false) then by_day.pedt_short_under_6_per else by_day.short_under_6_per end
        as short_under_6_per,
    case when coalesce(settings.has_pedt, false) then by_day.pedt_short_from_6_per else by_day.short_from_6_per end
        as short_from_6_per,
    case when coalesce(settings.has_pedt, false) then by_day.pedt_long_under_6_per else by_day.long_under_6_per end
        as long_under_6_per,
    case when coalesce(settings.has_pedt, false) then by_day.pedt_long_from_6_per else by_day.long_from_6_per end
        as long_from_6_per,
    by_day.holiday_under_6_per,
    by_day.holiday_from_6_per,
    settings.walking_from_months,
    by_day.daycare_per,
    by_day.walking_per,
    by_day.not_walking_per,
    by_day.daycare_min
from days
inner join by_day on days.day = by_day.day
left join {{ ref('stg_records__caf_settings') }} as settings
    on days.structure_id = settings.structure_id
    and settings.valid_from <= days.day
    and (settings.valid_to is null or days.day < settings.valid_to)
