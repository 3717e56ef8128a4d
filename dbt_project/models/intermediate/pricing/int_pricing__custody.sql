-- Who has the child: the last exception of the day, else the half of the holiday, else the cycle of fourteen days
-- (domain.custody.payer_on).
with attended as (
    select
        child_id,
        day
    from {{ ref('int_attendance__decided') }}
    union
    select
        child_id,
        day
    from {{ ref('int_pricing__span_days') }}
),

exceptions as (
    select
        child_id,
        day,
        payer_id,
        row_number() over (partition by child_id, day order by seq desc) as preference
    from {{ ref('stg_records__custody_exceptions') }}
),

holiday_halves as (
    select
        attended.child_id,
        attended.day,
        case
            when
                ({{ days_from('school_holidays.first_day', 'attended.day') }} * 2 >= school_holidays.day_count)
                <> (
                    rules.alternates
                    and (extract(year from school_holidays.first_day) - rules.anchor_year) % 2 <> 0
                )
                then rules.second_payer_id
            else rules.first_payer_id
        end as payer_id,
        row_number() over (
            partition by attended.child_id, attended.day
            order by rules.valid_from desc, rules.custody_holiday_id desc
        ) as preference
    from attended
    inner join {{ ref('stg_records__custody_holidays') }} as rules
        on attended.child_id = rules.child_id and rules.valid_from <= attended.day
    inner join {{ ref('int_calendar__school_holidays') }} as school_holidays
        on rules.holiday = school_holidays.holiday
        and attended.day between school_holidays.first_day and school_holidays.last_day
),

cycles as (
    select
        attended.child_id,
        attended.day,
        case
            when substring(
                calendars.pattern,
                cast({{ cycle_day('calendars.anchor_on', 'attended.day') }} + 1 as integer), 1
            ) = '1' then calendars.payer_1_id
            else calendars.payer_2_id
        end as payer_id,
        row_number() over (
            partition by attended.child_id, attended.day
            order by calendars.valid_from desc, calendars.custody_calendar_id desc
        ) as preference
    from attended
    inner join {{ ref('stg_records__custody_calendars') }} as calendars
        on attended.child_id = calendars.child_id and calendars.valid_from <= attended.day
),

found as (
    select
        attended.child_id,
        attended.day,
        coalesce(exceptions.payer_id, holiday_halves.payer_id, cycles.payer_id) as payer_id
    from attended
    left join exceptions
        on attended.child_id = exceptions.child_id
        and attended.day = exceptions.day
        and exceptions.preference = 1
    left join holiday_halves
        on attended.child_id = holiday_halves.child_id
        and attended.day = holiday_halves.day
        and holiday_halves.preference = 1
    left join cycles
        on attended.child_id = cycles.child_id and attended.day = cycles.day and cycles.preference = 1
)

select * from found
where payer_id is not null
