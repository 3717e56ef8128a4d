-- What a declaration of a year counts with: the national values in force on its last day.
with years as (
    select distinct
        cast(extract(year from day) as integer) as caf_year,
        cast(date_trunc('year', day) + interval 1 year - interval 1 day as date) as last_day
    from {{ ref('int_calendar__structure_days') }}
)

select
    years.caf_year,
    parameters.parameter_id,
    parameters.parameter_value
from years
inner join {{ ref('stg_records__parameters') }} as parameters
    on parameters.valid_from <= years.last_day
    and (parameters.valid_to is null or years.last_day < parameters.valid_to)
where parameters.parameter_id like 'caf.%'
