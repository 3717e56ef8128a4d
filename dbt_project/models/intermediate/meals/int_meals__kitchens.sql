-- The settings of the kitchen of each place and day: its own before the town's, then the latest that has begun.
with days as (
    select distinct
        structure_id,
        day
    from {{ ref('int_meals__covers') }}
),

ranked as (
    select
        days.structure_id,
        days.day,
        settings.pack,
        settings.minimum,
        settings.supplier_days,
        settings.missing_cents,
        settings.wasted_cents,
        row_number() over (
            partition by days.structure_id, days.day
            order by settings.structure_id is not null desc, settings.valid_from desc, settings.seq desc
        ) as preference
    from days
    inner join {{ ref('stg_records__kitchen_settings') }} as settings
        on (settings.structure_id is null or settings.structure_id = days.structure_id)
        and settings.valid_from <= days.day
)

select
    structure_id,
    day,
    cast(pack as integer) as pack,
    cast(minimum as integer) as minimum,
    cast(supplier_days as integer) as supplier_days,
    missing_cents,
    wasted_cents
from ranked
where preference = 1
