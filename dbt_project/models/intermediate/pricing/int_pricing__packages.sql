-- What is due for a span of days, whoever comes: memberships of a month or of a school year, and séjours.
with days as (
    select * from {{ ref('stg_records__build_days') }}
),

own_tariffs as (
    select distinct
        service_id,
        tariff_id
    from {{ ref('int_pricing__versions') }}
    where service_id is not null
),

-- A service has memberships where its price list names them.
membership_rules as (
    select distinct
        versions.tariff_version_id,
        versions.service_id,
        versions.tariff_id,
        versions.valid_from,
        versions.valid_to,
        versions.package_basis,
        rules.unit as period
    from {{ ref('int_pricing__versions') }} as versions
    inner join {{ ref('stg_records__tariff_rules') }} as rules
        on versions.tariff_version_id = rules.tariff_version_id
    where
        rules.rule_kind = 'membership'
        and rules.unit in ('month', 'school_year')
        and rules.applies_to is null
        and versions.service_id is not null
),

-- Where both a month and a year are priced, the year has a kind of its own: two lines may begin on one day.
memberships as (
    select
        *,
        case
            when period = 'school_year' and count(*) over (partition by tariff_version_id) > 1 then 'membership_year'
            else 'membership'
        end as kind
    from membership_rules
),

periods as (
    select distinct
        'month' as period,
        {{ month_of('day') }} as first_day,
        {{ next_month('day') }} as end_day
    from {{ ref('int_calendar__structure_days') }}
    union all
    select
        'school_year' as period,
        starts_on as first_day,
        ends_on as end_day
    from {{ ref('stg_records__school_years') }}
),

-- One line a child and period: two enrolments of one service (two places, a changed category) owe it once.
standing as (
    select
        enrolments.enrolment_id,
        enrolments.child_id,
        enrolments.service_id,
        enrolments.structure_id,
        enrolments.category,
        periods.period,
        greatest(enrolments.valid_from, periods.first_day) as day,
        least(coalesce(enrolments.valid_to, periods.end_day), periods.end_day) as end_day,
        row_number() over (
            partition by enrolments.child_id, enrolments.service_id, periods.period, periods.first_day
            order by greatest(enrolments.valid_from, periods.first_day), enrolments.valid_from, enrolments.enrolment_id
        ) as preference
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join own_tariffs on enrolments.service_id = own_tariffs.service_id
    inner join periods
        on enrolments.valid_from < periods.end_day
        and (enrolments.valid_to is null or periods.first_day < enrolments.valid_to)
    where
        enrolments.sejour_id is null
        and enrolments.service_id in (select memberships.service_id from memberships)
),

members as (
    select
        standing.*,
        memberships.package_basis,
        memberships.tariff_id,
        memberships.kind
    from standing
    inner join memberships
        on standing.service_id = memberships.service_id
        and standing.period = memberships.period
        and memberships.valid_from <= standing.day
        and (memberships.valid_to is null or standing.day < memberships.valid_to)
    where standing.preference = 1
),

-- Where the town bills those who came, one presence of the period is enough.
came as (
    select distinct
        members.enrolment_id,
        members.period,
        members.day
    from members
    inner join {{ ref('int_attendance__decided') }} as decided
        on members.child_id = decided.child_id
        and members.service_id = decided.service_id
        and members.day <= decided.day
        and decided.day < members.end_day
    where members.package_basis = 'attended' and decided.is_present
),

due as (
    select
        members.enrolment_id,
        members.child_id,
        members.service_id,
        members.structure_id,
        members.category,
        members.tariff_id,
        'membership' as rule_kind,
        members.kind,
        members.period,
        members.day,
        members.end_day
    from members
    left join came
        on members.enrolment_id = came.enrolment_id
        and members.period = came.period
        and members.day = came.day
    where members.package_basis = 'enrolled' or came.enrolment_id is not null
    union all
    select
        enrolments.enrolment_id,
        enrolments.child_id,
        enrolments.service_id,
        enrolments.structure_id,
        enrolments.category,
        coalesce(sejours.tariff_id, own_tariffs.tariff_id) as tariff_id,
        'sejour' as rule_kind,
        'sejour' as kind,
        'sejour' as period,
        greatest(enrolments.valid_from, sejours.starts_on) as day,
        least(coalesce(enrolments.valid_to, sejours.ends_on), sejours.ends_on) as end_day
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join {{ ref('stg_records__sejours') }} as sejours on enrolments.sejour_id = sejours.sejour_id
    left join own_tariffs on enrolments.service_id = own_tariffs.service_id
    where not sejours.is_cancelled
)

select
    due.child_id,
    due.service_id,
    due.structure_id,
    due.enrolment_id,
    due.category,
    due.tariff_id,
    due.rule_kind,
    due.kind,
    due.period,
    due.day,
    due.end_day,
    cast({{ days_from('due.day', 'due.end_day') }} as integer) as day_count
from due
cross join days
where due.day between days.first_day and days.last_line_day and due.day < due.end_day
