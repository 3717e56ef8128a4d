-- What the convention says of a place for a year: as on its last day, and the most places of the year.
with years as (
    select distinct
        structure_id,
        cast(extract(year from day) as integer) as caf_year,
        cast(date_trunc('year', day) as date) as first_day,
        cast(date_trunc('year', day) + interval 1 year - interval 1 day as date) as last_day
    from {{ ref('int_calendar__structure_days') }}
),

overlapping as (
    select
        years.structure_id,
        years.caf_year,
        settings.caf_setting_id,
        settings.funding,
        settings.authorised_places,
        settings.authorised_under_6,
        settings.authorised_from_6,
        settings.meals_provided,
        settings.diapers_provided,
        settings.has_pedt,
        settings.has_plan_mercredi,
        settings.reference_wednesday_minutes,
        settings.general_regime_rate,
        max(settings.authorised_places) over (partition by years.structure_id, years.caf_year) as most_places,
        row_number() over (
            partition by years.structure_id, years.caf_year order by settings.valid_from desc
        ) as preference
    from years
    inner join {{ ref('stg_records__caf_settings') }} as settings
        on years.structure_id = settings.structure_id
        and settings.valid_from <= years.last_day
        and (settings.valid_to is null or years.first_day < settings.valid_to)
)

select
    structure_id,
    caf_year,
    funding,
    most_places as authorised_places,
    authorised_under_6,
    authorised_from_6,
    meals_provided,
    diapers_provided,
    has_pedt,
    has_plan_mercredi,
    reference_wednesday_minutes,
    general_regime_rate
from overlapping
where preference = 1
