-- What a contract of early childhood owes whether the child comes or not: equal months, less the days on which an
-- event shut the place. Closures known when it was signed are in its weeks already. One that ends before its term owes
-- the hours reserved until then: what its months were short of, or too much (CAF notes §1.2).
with contracts as (
    select
        enrolments.child_id,
        enrolments.service_id,
        enrolments.structure_id,
        enrolments.category,
        contracts.enrolment_id,
        contracts.total_minutes,
        contracts.months,
        contracts.unbilled_month,
        greatest(contracts.valid_from, enrolments.valid_from) as first_day,
        least(contracts.valid_to, coalesce(enrolments.valid_to, contracts.valid_to)) as end_day,
        coalesce(enrolments.valid_to < contracts.valid_to, false) as is_cut_short
    from {{ ref('stg_records__care_contracts') }} as contracts
    inner join {{ ref('stg_records__enrolments') }} as enrolments on contracts.enrolment_id = enrolments.enrolment_id
),

calendar_months as (
    select distinct
        {{ month_of('day') }} as first_day,
        {{ next_month('day') }} as end_day
    from {{ ref('int_calendar__structure_days') }}
),

-- A month in which an amendment begins is billed by the contract that its first day finds.
months as (
    select
        contracts.child_id,
        contracts.service_id,
        contracts.structure_id,
        contracts.category,
        contracts.enrolment_id,
        contracts.total_minutes,
        contracts.months,
        contracts.first_day as contract_day,
        greatest(contracts.first_day, calendar_months.first_day) as day,
        least(contracts.end_day, calendar_months.end_day) as end_day,
        row_number() over (
            partition by contracts.enrolment_id, calendar_months.first_day order by contracts.first_day
        ) as preference
    from contracts
    inner join calendar_months
        on contracts.first_day < calendar_months.end_day and calendar_months.first_day < contracts.end_day
    where
        contracts.unbilled_month is null
        or contracts.unbilled_month <> extract(month from calendar_months.first_day)
),

shut_days as (
    select
        contracts.child_id,
        contracts.service_id,
        contracts.structure_id,
        contracts.category,
        contracts.enrolment_id,
        contracts.first_day as contract_day,
        agreed.day,
        agreed.agreed_minutes as minutes
    from contracts
    inner join {{ ref('int_pricing__agreed_hours') }} as agreed
        on contracts.enrolment_id = agreed.enrolment_id
        and contracts.first_day <= agreed.day
        and agreed.day < contracts.end_day
    where agreed.is_shut_by_event
),

-- Days on which an event shut the place were reserved too: they have a deduction of their own. A day booked beside the
-- patterns was not: it is paid as overtime.
reserved as (
    select
        expected.enrolment_id,
        contracts.first_day as contract_day,
        agreed.agreed_minutes as minutes
    from contracts
    inner join {{ ref('int_pricing__agreed_hours') }} as agreed
        on contracts.enrolment_id = agreed.enrolment_id
        and contracts.first_day <= agreed.day
        and agreed.day < contracts.end_day
    inner join {{ ref('int_attendance__expected') }} as expected
        on agreed.enrolment_id = expected.enrolment_id and agreed.day = expected.day
    where contracts.is_cut_short
    union all
    select
        enrolment_id,
        contract_day,
        minutes
    from shut_days
),

reserved_sums as (
    select
        enrolment_id,
        contract_day,
        sum(minutes) as minutes,
        -- Without its hours a day cannot be counted, nor the whole.
        count(*) > count(minutes) as is_unknown
    from reserved
    group by enrolment_id, contract_day
),

billed_sums as (
    select
        enrolment_id,
        contract_day,
        count(*) as month_count
    from months
    where preference = 1
    group by enrolment_id, contract_day
),

-- What is left of one that is cut short once its last day is over, in minutes over its months: a computation that
-- begins after the contract cannot tell.
balances as (
    select
        contracts.*,
        case
            when not coalesce(reserved_sums.is_unknown, false)
                then coalesce(reserved_sums.minutes, 0) * contracts.months
                    - coalesce(billed_sums.month_count, 0) * contracts.total_minutes
        end as balance
    from contracts
    cross join {{ ref('stg_records__build_days') }} as days
    left join reserved_sums
        on contracts.enrolment_id = reserved_sums.enrolment_id and contracts.first_day = reserved_sums.contract_day
    left join billed_sums
        on contracts.enrolment_id = billed_sums.enrolment_id and contracts.first_day = billed_sums.contract_day
    where
        contracts.is_cut_short
        and contracts.first_day < contracts.end_day
        and contracts.first_day >= days.first_day
        and contracts.end_day <= cast(days.last_line_day + interval 1 day as date)
),

due as (
    select
        child_id,
        service_id,
        structure_id,
        category,
        enrolment_id,
        'contract' as rule_kind,
        'contract' as kind,
        day,
        end_day,
        total_minutes as minutes,
        months as minutes_over
    from months
    where preference = 1
    union all
    select
        child_id,
        service_id,
        structure_id,
        category,
        enrolment_id,
        'deduction' as rule_kind,
        'deduction' as kind,
        day,
        cast(day + interval 1 day as date) as end_day,
        minutes,
        1 as minutes_over
    from shut_days
    union all
    select
        child_id,
        service_id,
        structure_id,
        category,
        enrolment_id,
        'contract' as rule_kind,
        case when balance < 0 then 'contract_back' else 'contract_end' end as kind,
        greatest(first_day, {{ month_of("(end_day - interval 1 day)") }}) as day,
        end_day,
        abs(balance) as minutes,
        months as minutes_over
    from balances
    where balance is null or balance <> 0
)

select
    due.*,
    -- A child of two places has a contract at each: the first signed goes first.
    row_number() over (
        partition by due.child_id, due.service_id, due.kind, due.day order by due.enrolment_id
    ) as place
from due
cross join {{ ref('stg_records__build_days') }} as days
where due.day between days.first_day and days.last_line_day
