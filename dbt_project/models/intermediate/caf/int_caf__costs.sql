-- What each activity of a place cost, by its accounts: its own charges, and of those that activities share a part by
-- the hours that children were there. The parts add up to the charges, less the cents of rounding.
with periods as (
    {{ caf_parts() }}
),

attended as (
    select
        sums.structure_id,
        cast(extract(year from sums.month) as integer) as caf_year,
        periods.period,
        periods.last_month,
        {{ caf_activity('sums.caf_kind') }} as activity,
        cast(sum(sums.realised_minutes) as bigint) as minutes
    from {{ ref('int_caf__sums') }} as sums
    inner join periods on extract(month from sums.month) <= periods.last_month
    group by
        sums.structure_id, cast(extract(year from sums.month) as integer), periods.period, periods.last_month,
        {{ caf_activity('sums.caf_kind') }}
),

together as (
    select
        *,
        sum(minutes) over (partition by structure_id, caf_year, period) as all_minutes
    from attended
),

charges as (
    select
        structure_id,
        caf_year,
        period,
        activity,
        sum(amount_cents) as amount_cents
    from {{ ref('int_caf__accounts') }}
    where nature = 'charge'
    group by structure_id, caf_year, period, activity
),

last_days as (
    select distinct
        caf_year,
        period,
        cast(
            cast(cast(caf_year as varchar) || '-' || lpad(cast(last_month as varchar), 2, '0') || '-01' as date)
            + interval 1 month - interval 1 day as date
        ) as last_day
    from together
),

entered as (
    select
        structure_id,
        caf_year,
        period,
        sum(case when activity = 'shared' then amount_cents else 0 end) as shared_cents
    from charges
    group by structure_id, caf_year, period
)

select
    together.structure_id,
    together.caf_year,
    together.period,
    together.activity,
    cast(together.minutes as bigint) as minutes,
    cast(together.all_minutes as bigint) as all_minutes,
    cast(coalesce(own.amount_cents, 0) as bigint) as own_cents,
    -- Unknown where no charge of the period was entered, which is not nothing.
    cast(
        case
            when together.minutes = together.all_minutes then coalesce(own.amount_cents, 0) + entered.shared_cents
            when together.all_minutes > 0
                then
                    coalesce(own.amount_cents, 0)
                    + {{ signed_ratio('entered.shared_cents * together.minutes', 'together.all_minutes', 0) }}
        end as bigint
    ) as charge_cents,
    -- Accounts of months that are not over say nothing of the hours so far.
    last_days.last_day <= build_days.last_line_day as is_over
from together
inner join last_days on together.caf_year = last_days.caf_year and together.period = last_days.period
cross join {{ ref('stg_records__build_days') }} as build_days
left join charges as own
    on together.structure_id = own.structure_id
    and together.caf_year = own.caf_year
    and together.period = own.period
    and together.activity = own.activity
left join entered
    on together.structure_id = entered.structure_id
    and together.caf_year = entered.caf_year
    and together.period = entered.period
