{%- set columns = {
    'realised': 'realised_minutes', 'billed': 'billed_minutes', 'held': 'held_minutes', 'contribution': 'contribution'
} -%}
-- The figures of a declaration that are counted, by block and code, of a year and of its first six and nine months:
-- hours, children, days and places. What is paid is computed of a whole year (int_caf__results).
with periods as (
    {{ caf_parts() }}
),

sums as (
    select
        sums.structure_id,
        cast(extract(year from sums.month) as integer) as caf_year,
        periods.period as figure_period,
        {{ caf_block('sums.caf_kind') }} as block,
        sums.caf_kind,
        sums.period,
        sums.age_group,
        sums.is_under_4,
        sums.regime_group,
        sums.is_aeeh,
        sums.child_days,
        sums.realised_minutes,
        sums.billed_minutes,
        sums.contribution,
        sums.held_minutes
    from {{ ref('int_caf__sums') }} as sums
    inner join periods on extract(month from sums.month) <= periods.last_month
),

counted_children as (
    select
        child_days.structure_id,
        cast(extract(year from child_days.month) as integer) as caf_year,
        periods.period as figure_period,
        child_days.block,
        count(distinct child_days.child_id) as children,
        count(distinct case when child_days.is_aeeh then child_days.child_id end) as aeeh_children
    from (
        select distinct
            structure_id,
            {{ month_of('day') }} as month,
            {{ caf_block('caf_kind') }} as block,
            child_id,
            is_aeeh
        from {{ ref('int_caf__child_days') }}
        where is_declared
    ) as child_days
    inner join periods on extract(month from child_days.month) <= periods.last_month
    group by
        child_days.structure_id, cast(extract(year from child_days.month) as integer), periods.period, child_days.block
),

-- A place that never opened that year declares nothing of a block. Hours offered are of every day or not known: a day
-- without a convention would count for nothing.
openings as (
    select
        openings.structure_id,
        cast(extract(year from openings.day) as integer) as caf_year,
        periods.period as figure_period,
        openings.block,
        count(distinct openings.day) as opening_days,
        count(distinct case when openings.caf_kind = 'periscolaire_morning' then openings.day end) as days_morning,
        count(distinct case when openings.caf_kind = 'periscolaire_midday' then openings.day end) as days_midday,
        count(distinct case when openings.caf_kind = 'periscolaire_evening' then openings.day end) as days_evening,
        count(distinct case when openings.caf_kind = 'periscolaire_wednesday' then openings.day end) as days_wednesday,
        sum(openings.minutes) as minutes,
        case when count(*) = count(openings.places) then sum(openings.minutes * openings.places) end as capacity_minutes,
        max(openings.places) as places
    from {{ ref('int_caf__openings') }} as openings
    inner join periods on extract(month from openings.day) <= periods.last_month
    group by
        openings.structure_id, cast(extract(year from openings.day) as integer), periods.period, openings.block
),

found as (
    {%- for figure in caf_counted_figures() if figure.measure in columns %}
    {%- set total = "sum(case when " ~ caf_condition(figure.where) ~ " then " ~ columns[figure.measure] ~ " else 0 end)" %}
    select
        structure_id, caf_year, figure_period, block, {{ figure.position }} as position, '{{ figure.code }}' as code,
        cast({{ total if figure.measure == 'contribution' else hours_of(total) }} as decimal(18, 4)) as value,
        '{{ 'euros' if figure.measure == 'contribution' else 'hours' }}' as unit
    from sums
    where block = '{{ figure.block }}'
    group by structure_id, caf_year, figure_period, block
    union all
    {%- endfor %}
    {%- for code, column in [('children', 'children'), ('aeeh_children', 'aeeh_children')] %}
    select
        structure_id, caf_year, figure_period, block, {{ 50 + loop.index }} as position, '{{ code }}' as code,
        cast({{ column }} as decimal(18, 4)) as value, 'children' as unit
    from counted_children
    union all
    {%- endfor %}
    {%- for code in ['days_morning', 'days_midday', 'days_evening', 'days_wednesday'] %}
    select
        structure_id, caf_year, figure_period, block, {{ 30 + loop.index }} as position, '{{ code }}' as code,
        cast({{ code }} as decimal(18, 4)) as value, 'days' as unit
    from openings
    where block = 'alsh_peri'
    union all
    {%- endfor %}
    select
        structure_id, caf_year, figure_period, block, 20 as position, 'opening_days' as code,
        cast(opening_days as decimal(18, 4)) as value, 'days' as unit
    from openings
    union all
    select
        structure_id, caf_year, figure_period, block, 10 as position, 'authorised_places' as code,
        cast(places as decimal(18, 4)) as value, 'places' as unit
    from openings
    union all
    select
        structure_id, caf_year, figure_period, block, 40 as position, 'opening_hours' as code,
        cast({{ hours_of('minutes') }} as decimal(18, 4)) as value, 'hours' as unit
    from openings
    where block = 'eaje_activity'
    union all
    select
        structure_id, caf_year, figure_period, block, 41 as position, 'capacity_hours' as code,
        cast({{ hours_of('capacity_minutes') }} as decimal(18, 4)) as value, 'hours' as unit
    from openings
    where block = 'eaje_activity'
    union all
    -- Counts without a name: the last number said of who works there, and of those counted once however often they
    -- come; sums for the rest.
    select
        counts.structure_id,
        cast(extract(year from counts.day) as integer) as caf_year,
        periods.period as figure_period,
        {{ slash_part("replace(counts.indicator, '_', '/')", 1) }} as block,
        100 as position,
        counts.indicator as code,
        cast(
            case
                when counts.indicator in ('rpe_fte', 'rpe_childminders', 'rpe_families', 'laep_children', 'laep_families')
                    then {{ last_by('counts.quantity', 'counts.day') }}
                else sum(counts.quantity)
            end as decimal(18, 4)
        ) as value,
        case when counts.indicator like '%_hours' then 'hours' else 'count' end as unit
    from {{ ref('stg_records__anonymous_counts') }} as counts
    inner join periods on extract(month from counts.day) <= periods.last_month
    group by
        counts.structure_id, cast(extract(year from counts.day) as integer), periods.period, counts.indicator
)

select
    structure_id,
    caf_year,
    figure_period as period,
    block,
    position,
    code,
    value,
    unit,
    case
        when code = 'authorised_places' and value is null then 'setting_missing ' || cast(caf_year as varchar)
        when code = 'capacity_hours' and value is null then 'setting_incomplete ' || cast(caf_year as varchar)
    end as fault
from found
