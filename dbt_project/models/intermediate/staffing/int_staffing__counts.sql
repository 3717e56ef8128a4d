-- How many are there from each minute on at which somebody comes or goes, and at the start of each half hour.
with stays as (
    select * from {{ ref('int_staffing__stays') }}
),

changes as (
    select
        structure_id,
        day,
        from_minute as minute,
        {{ care_counts('1') }}
    from stays
    union all
    select
        structure_id,
        day,
        until_minute as minute,
        {{ care_counts('-1') }}
    from stays
),

half_hours as (
    select {{ each_half_hour() }} as minute
),

marks as (
    select
        days.structure_id,
        days.day,
        half_hours.minute,
        {%- for name in ["short_under_6", "short_from_6", "long_under_6", "long_from_6", "holiday_under_6", "holiday_from_6"] %}
        0 as {{ name }},
        {%- endfor %}
        0 as daycare,
        0 as daycare_walking
    from (select distinct structure_id, day from stays) as days
    cross join half_hours
),

by_minute as (
    select
        structure_id,
        day,
        minute,
        sum(short_under_6) as short_under_6,
        sum(short_from_6) as short_from_6,
        sum(long_under_6) as long_under_6,
        sum(long_from_6) as long_from_6,
        sum(holiday_under_6) as holiday_under_6,
        sum(holiday_from_6) as holiday_from_6,
        sum(daycare) as daycare,
        sum(daycare_walking) as daycare_walking
    from (select * from changes union all select * from marks) as together
    group by structure_id, day, minute
),

running as (
    select
        structure_id,
        day,
        minute,
        {%- for name in ["short_under_6", "short_from_6", "long_under_6", "long_from_6", "holiday_under_6", "holiday_from_6", "daycare", "daycare_walking"] %}
        cast(sum({{ name }}) over (partition by structure_id, day order by minute) as integer) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from by_minute
)

select * from running
where short_under_6 + short_from_6 + long_under_6 + long_from_6 + holiday_under_6 + holiday_from_6 + daycare > 0
