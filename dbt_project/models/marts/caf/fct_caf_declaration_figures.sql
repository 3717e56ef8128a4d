with figures as (
    select
        structure_id,
        caf_year,
        period,
        block,
        position,
        code,
        value,
        unit,
        fault
    from {{ ref('int_caf__figures') }}
    union all
    select
        structure_id,
        caf_year,
        period,
        block,
        position,
        code,
        value,
        unit,
        fault
    from {{ ref('int_caf__results') }}
)

select
    figures.structure_id,
    structures.structure_ref,
    structures.structure_label,
    figures.caf_year as year,
    figures.period,
    figures.block,
    cast(figures.position as integer) as position,
    figures.code,
    figures.value,
    figures.unit,
    figures.fault
from figures
inner join {{ ref('stg_records__structures') }} as structures on figures.structure_id = structures.structure_id
