-- The PSU of the months known of a year as it is and as it would be: with some percent less of the hours that a cause
-- adds to what is billed, as many being realised; or with presence rounded by another step. Families pay as much for an
-- hour as they do on the whole. Counted and rounded as the balance itself is.
with percents as (
    {%- for percent in range(5, 105, 5) %}
    {{ "union all " if not loop.first }}select {{ percent }} as percent_less
    {%- endfor %}
),

-- Rounding adds to what is realised, not to what is billed; a cause that gives hours back cannot be less.
movable as (
    select
        causes.structure_id,
        known.caf_year,
        causes.cause,
        causes.absence_reason_id,
        sum(causes.billed_minutes) as billed_minutes
    from {{ ref('int_caf__psu_causes') }} as causes
    inner join {{ ref('int_caf__psu_known') }} as known
        on causes.structure_id = known.structure_id
        and extract(year from causes.month) = known.caf_year
        and extract(month from causes.month) <= known.last_month
    where causes.cause <> 'rounding'
    group by causes.structure_id, known.caf_year, causes.cause, causes.absence_reason_id
    having sum(causes.billed_minutes) > 0
),

changes as (
    select
        movable.structure_id,
        movable.caf_year,
        movable.cause,
        movable.absence_reason_id,
        percents.percent_less,
        0 as rounding_minutes,
        -movable.billed_minutes * percents.percent_less * cast(0.01 as decimal(3, 2)) as billed_minutes,
        cast(0 as bigint) as realised_minutes
    from movable
    cross join percents
    union all
    select
        roundings.structure_id,
        known.caf_year,
        'rounding' as cause,
        cast(null as bigint) as absence_reason_id,
        0 as percent_less,
        roundings.rounding_minutes,
        cast(sum(roundings.billed_minutes) as decimal(18, 4)) as billed_minutes,
        cast(sum(roundings.realised_minutes) as bigint) as realised_minutes
    from {{ ref('int_caf__psu_roundings') }} as roundings
    inner join {{ ref('int_caf__psu_known') }} as known
        on roundings.structure_id = known.structure_id
        and extract(year from roundings.month) = known.caf_year
        and extract(month from roundings.month) <= known.last_month
    group by roundings.structure_id, known.caf_year, roundings.rounding_minutes
    union all
    -- As it is: what the others are held against.
    select
        structure_id,
        caf_year,
        'rounding' as cause,
        cast(null as bigint) as absence_reason_id,
        0 as percent_less,
        0 as rounding_minutes,
        cast(0 as decimal(18, 4)) as billed_minutes,
        cast(0 as bigint) as realised_minutes
    from {{ ref('int_caf__psu_known') }}
),

changed as (
    select
        known.structure_id,
        known.caf_year,
        changes.cause,
        changes.absence_reason_id,
        changes.percent_less,
        changes.rounding_minutes,
        known.last_month,
        known.cost_year,
        known.cost_part,
        coalesce(known.cost_part, 'year') as caf_part,
        true as is_over,
        known.has_settings,
        known.authorised_places,
        known.is_provided,
        known.charge_cents,
        known.general_rate,
        known.contributions as all_contributions,
        known.billed_hours as all_hours,
        {{ hours_of('known.billed_minutes + changes.billed_minutes') }} as billed_hours,
        {{ hours_of('known.realised_minutes + changes.realised_minutes') }} as realised_hours
    from {{ ref('int_caf__psu_known') }} as known
    inner join changes on known.structure_id = changes.structure_id and known.caf_year = changes.caf_year
    where known.billed_hours > 0
),

declared as (
    select
        *,
        {{ scaled(
            signed_ratio(hundredths('all_contributions') ~ ' * ' ~ hundredths('billed_hours'), hundredths('all_hours'), 0), 2, 18
        ) }} as contributions
    from changed
),

{{ psu_owed() }}

select
    structure_id,
    caf_year,
    cause,
    absence_reason_id,
    cast(percent_less as integer) as percent_less,
    cast(rounding_minutes as integer) as rounding_minutes,
    last_month,
    cost_year,
    cost_part,
    realised_hours,
    billed_hours,
    cast(invoicing_rate as decimal(18, 6)) as invoicing_rate,
    cast(price_cap as decimal(18, 6)) as price_cap,
    cast(price_retained as decimal(18, 6)) as price_retained,
    limited_by,
    contributions,
    {{ to_the_cent('case when exact_gross < 0 then 0 else exact_gross end * general_rate') }} as amount,
    -- The accounts asked for are those of the months that cost, of this year or of the one before.
    case
        when fault not like 'accounts_%' then fault
        when cost_year is null then 'cost_unknown ' || cast(caf_year as varchar)
        when cost_year < caf_year then {{ slash_part("replace(fault, ' ', '/')", 1) }} || ' ' || cast(cost_year as varchar)
        else fault
    end as fault
from funded
