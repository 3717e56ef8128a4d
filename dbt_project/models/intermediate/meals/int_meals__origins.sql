-- One moment at which we forecast for good, the past weeks replayed as if we had forecast them then with the kitchen's
-- delay, and the last ones replayed with other delays too: what a shorter or longer one costs.
with weeks as (
    select distinct
        cast(day - cast({{ weekday('day') }} as integer) as date) as first_day,
        cast(day - cast({{ weekday('day') }} as integer) + 7 as date) as end_day
    from {{ ref('int_meals__counts') }}
),

days as (
    select distinct
        day as first_day,
        cast(day + 1 as date) as end_day
    from {{ ref('int_meals__counts') }}
),

moments as (
    select
        week_monday as first_day,
        cast(null as date) as end_day,
        known_until,
        cast(lead_days as integer) as delay_days,
        true as is_asked,
        false as is_other_delay
    from {{ ref('int_meals__moment') }}
    union all
    select
        weeks.first_day,
        weeks.end_day,
        cast(weeks.first_day - cast(moment.lead_days as integer) as date) as known_until,
        cast(moment.lead_days as integer) as delay_days,
        false as is_asked,
        false as is_other_delay
    from weeks
    inner join {{ ref('int_meals__moment') }} as moment on weeks.first_day >= moment.replayed_from
    {%- for delay in var('forecast_other_delays') %}
    {%- set of_days = 'days' if delay | int < 7 else 'weeks' %}
    union all
    select
        {{ of_days }}.first_day,
        {{ of_days }}.end_day,
        cast({{ of_days }}.first_day - {{ delay }} as date) as known_until,
        {{ delay }} as delay_days,
        false as is_asked,
        true as is_other_delay
    from {{ of_days }}
    inner join {{ ref('int_meals__moment') }} as moment
        on {{ of_days }}.first_day >= moment.delays_from and moment.lead_days <> {{ delay }}
    {%- endfor %}
)

select
    cast(row_number() over (order by is_other_delay, delay_days, first_day, is_asked) as integer) as origin,
    first_day,
    end_day,
    known_until,
    delay_days,
    {{ school_year('(first_day + case when delay_days < 7 then 0 else 4 end)') }} as school_year,
    is_asked,
    is_other_delay
from moments
