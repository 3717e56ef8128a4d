-- The simple take-up rule: of the meals planned on the last served same weekdays of a place, how many were eaten,
-- applied to what is planned. A forecast helps the kitchen; it never enters a price. Baskets are not cooked.
with cooked as (
    select
        structure_id,
        service_id,
        day,
        diet_code,
        max(diet_label) as diet_label,
        max(is_over) as is_over,
        sum(case when is_planned then 1 else 0 end) as planned,
        sum(case when is_served then 1 else 0 end) as served,
        sum(case when held_back is not null then 1 else 0 end) as held_back
    from {{ ref('int_meals__covers') }}
    where not is_basket
    group by structure_id, service_id, day, diet_code
),

days as (
    select
        cooked.structure_id,
        cooked.service_id,
        cooked.day,
        {{ weekday('cooked.day') }} as weekday,
        max(cooked.is_over) as is_over,
        sum(cooked.planned) as planned,
        sum(cooked.served) as served,
        sum(cooked.held_back) as held_back
    from cooked
    group by cooked.structure_id, cooked.service_id, cooked.day
),

-- A day without a single tap was not recorded; one with a hole is not known yet: neither teaches anything.
learned as (
    select
        *,
        row_number() over (partition by structure_id, service_id, weekday order by day desc) as recency
    from days
    where is_over and served > 0 and planned > 0 and held_back = 0
),

take_ups as (
    select
        structure_id,
        service_id,
        weekday,
        cast(count(*) as integer) as basis_days,
        cast(sum(planned) as bigint) as planned,
        cast(sum(served) as bigint) as served
    from learned
    where recency <= {{ var('meal_take_up_days') }}
    group by structure_id, service_id, weekday
),

coming as (
    select
        cooked.structure_id,
        cooked.service_id,
        cooked.day,
        cooked.diet_code,
        cooked.diet_label,
        cast(cooked.planned as integer) as planned,
        days.weekday,
        coalesce(take_ups.basis_days, 0) as basis_days,
        take_ups.planned as learned_planned,
        take_ups.served as learned_served
    from cooked
    inner join days
        on cooked.structure_id = days.structure_id
        and cooked.service_id = days.service_id
        and cooked.day = days.day
        and not days.is_over
    left join take_ups
        on days.structure_id = take_ups.structure_id
        and days.service_id = take_ups.service_id
        and days.weekday = take_ups.weekday
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    coming.day,
    coming.diet_code,
    coming.diet_label,
    coming.planned,
    {{ ratio('coming.learned_served', 'coming.learned_planned', 4, 6) }} as take_up,
    coalesce(
        {{ ratio('coming.planned * coming.learned_served', 'coming.learned_planned', 1, 8) }},
        cast(coming.planned as decimal(8, 1))
    ) as forecast,
    coming.basis_days,
    case
        when coming.basis_days = 0
            then 'aucun jour semblable n''a encore été pointé : les prévisions sont reprises telles quelles'
        else
            'sur 100 prévus, '
            || cast({{ ratio('100 * coming.learned_served', 'coming.learned_planned', 0) }} as varchar)
            || case when coming.basis_days = 1 then ' viennent (un seul ' else ' viennent (moyenne des ' end
            || case when coming.basis_days = 1 then '' else cast(coming.basis_days as varchar) || ' derniers ' end
            || case
                when coming.basis_days = 1 then {{ weekday_name('coming.weekday') }} || ' connu)'
                else {{ weekday_name('coming.weekday') }} || 's)'
            end
    end as reason
from coming
inner join {{ ref('stg_records__services') }} as services on coming.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on coming.structure_id = structures.structure_id
