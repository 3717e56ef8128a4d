-- The PSU of a year with some percent less of the hours that a cause adds to what is billed: as many are realised, and
-- families pay as much for an hour as they do on the whole. Counted and rounded as the year itself is.
with percents as (
    {%- for percent in range(5, 105, 5) %}
    {{ "union all " if not loop.first }}select {{ percent }} as percent_less
    {%- endfor %}
),

-- Rounding adds to what is realised, not to what is billed; a cause that gives hours back cannot be less.
movable as (
    select
        structure_id,
        caf_year,
        cause,
        absence_reason_id,
        billed_minutes
    from {{ ref('int_caf__psu_causes') }}
    where cause <> 'rounding' and billed_minutes > 0
),

fewer as (
    select
        base.structure_id,
        base.caf_year,
        base.caf_part,
        movable.cause,
        movable.absence_reason_id,
        percents.percent_less,
        base.has_settings,
        base.authorised_places,
        base.is_provided,
        base.charge_cents,
        base.is_over,
        base.realised_hours,
        base.general_rate,
        base.contributions as all_contributions,
        base.billed_hours as all_hours,
        {{ hours_of('base.billed_minutes - movable.billed_minutes * percents.percent_less * cast(0.01 as decimal(3, 2))') }}
            as billed_hours
    from {{ ref('int_caf__psu_base') }} as base
    inner join movable on base.structure_id = movable.structure_id and base.caf_year = movable.caf_year
    cross join percents
    where base.caf_part = 'year' and base.billed_hours > 0
),

declared as (
    select
        *,
        {{ scaled(
            signed_ratio(hundredths('all_contributions') ~ ' * ' ~ hundredths('billed_hours'), hundredths('all_hours'), 0), 2, 18
        ) }} as contributions
    from fewer
),

{{ psu_owed() }}

select
    structure_id,
    caf_year,
    cause,
    absence_reason_id,
    cast(percent_less as integer) as percent_less,
    billed_hours,
    cast(invoicing_rate as decimal(18, 6)) as invoicing_rate,
    cast(price_cap as decimal(18, 6)) as price_cap,
    cast(price_retained as decimal(18, 6)) as price_retained,
    limited_by,
    contributions,
    {{ to_the_cent('case when exact_gross < 0 then 0 else exact_gross end * general_rate') }} as amount,
    fault
from funded
