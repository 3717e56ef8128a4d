-- What is ordered: the last version of the last horizon stands. What the agents ordered firmly, or earlier without, is
-- what the estimate is compared with.
with versions as (
    select
        *,
        case horizon when 'supplier' then 1 when 'firm' then 2 when 'day_before' then 3 else 4 end as rank
    from {{ ref('stg_records__meal_orders') }}
),

placed as (
    select
        *,
        row_number() over (
            partition by structure_id, service_id, day, diet_code order by rank desc, seq desc
        ) as place,
        row_number() over (
            partition by structure_id, service_id, day, diet_code, rank <= 2 order by rank desc, seq desc
        ) as early_place
    from versions
)

select
    structure_id,
    service_id,
    day,
    diet_code,
    max(case when place = 1 then horizon end) as horizon,
    cast(max(case when place = 1 then quantity end) as integer) as quantity,
    cast(max(case when early_place = 1 and rank <= 2 then quantity end) as integer) as firm
from placed
group by structure_id, service_id, day, diet_code
