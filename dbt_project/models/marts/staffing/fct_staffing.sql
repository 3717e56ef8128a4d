-- « The booking that tips it »: of those there at the peak, in the order in which they were booked (usual weeks first),
-- the first with whom more adults are asked for than are planned.
with peaks as (
    select
        peaks.*,
        plans.animators,
        ratios.has_pedt,
        case peaks.care
            when 'short' then ratios.short_under_6_per
            when 'long' then ratios.long_under_6_per
            when 'holiday' then ratios.holiday_under_6_per
        end as under_6_per,
        case peaks.care
            when 'short' then ratios.short_from_6_per
            when 'long' then ratios.long_from_6_per
            when 'holiday' then ratios.holiday_from_6_per
        end as from_6_per
    from {{ ref('int_staffing__peaks') }} as peaks
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on peaks.structure_id = ratios.structure_id and peaks.day = ratios.day and ratios.is_shown
    left join {{ ref('int_staffing__plans') }} as plans
        on peaks.structure_id = plans.structure_id
        and peaks.day = plans.day
        and peaks.half_hour = plans.half_hour
),

there as (
    select
        peaks.half_hour,
        peaks.peak_minute,
        peaks.required,
        peaks.animators,
        stays.*
    from peaks
    inner join {{ ref('int_staffing__stays') }} as stays
        on peaks.structure_id = stays.structure_id
        and peaks.day = stays.day
        and stays.from_minute <= peaks.peak_minute
        and peaks.peak_minute < stays.until_minute
),

-- A half hour is to come while somebody in it is still planned.
bases as (
    select
        structure_id,
        day,
        half_hour,
        max(case when is_planned then 1 else 0 end) = 1 as is_planned
    from there
    group by structure_id, day, half_hour
),

short as (
    select
        structure_id,
        day,
        half_hour,
        animators,
        child_id,
        service_id,
        received_on,
        is_booked_late,
        row_number() over (
            partition by structure_id, day, half_hour
            order by received_on nulls first, received_minute nulls first, enrolment_id, child_id
        ) as place,
        {{ care_counts('1') }}
    from there
    where required > animators
),

so_far as (
    select
        structure_id,
        day,
        half_hour,
        animators,
        child_id,
        service_id,
        received_on,
        is_booked_late,
        place,
        {%- for name in ["short_under_6", "short_from_6", "long_under_6", "long_from_6", "holiday_under_6", "holiday_from_6", "daycare", "daycare_walking"] %}
        cast(sum({{ name }}) over (partition by structure_id, day, half_hour order by place) as integer) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from short
),

beyond as (
    select
        so_far.*,
        row_number() over (
            partition by so_far.structure_id, so_far.day, so_far.half_hour order by so_far.place
        ) as preference
    from so_far
    inner join {{ ref('int_staffing__ratios') }} as ratios
        on so_far.structure_id = ratios.structure_id and so_far.day = ratios.day
    where {{ adults_required('so_far', 'ratios') }} > so_far.animators
)

select
    structures.structure_ref,
    structures.structure_label,
    peaks.day,
    peaks.half_hour,
    bases.is_planned,
    peaks.peak_minute,
    peaks.under_6,
    peaks.from_6,
    peaks.daycare,
    peaks.daycare_walking,
    peaks.required,
    peaks.care,
    peaks.has_pedt,
    peaks.under_6_per,
    peaks.from_6_per,
    peaks.is_director_apart,
    cast(peaks.animators as integer) as planned,
    persons.person_ref as tipping_child_ref,
    persons.first_name as tipping_first_name,
    persons.last_name as tipping_last_name,
    services.service_label as tipping_service_label,
    beyond.received_on as tipping_booked_on,
    coalesce(beyond.is_booked_late, false) as is_tipping_late
from peaks
inner join bases
    on peaks.structure_id = bases.structure_id and peaks.day = bases.day and peaks.half_hour = bases.half_hour
inner join {{ ref('stg_records__structures') }} as structures on peaks.structure_id = structures.structure_id
left join beyond
    on peaks.structure_id = beyond.structure_id
    and peaks.day = beyond.day
    and peaks.half_hour = beyond.half_hour
    and beyond.preference = 1
left join {{ ref('stg_records__persons') }} as persons on beyond.child_id = persons.person_id
left join {{ ref('stg_records__services') }} as services on beyond.service_id = services.service_id
