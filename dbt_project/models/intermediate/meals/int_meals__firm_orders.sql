-- What the agents ordered firmly for a place and a service, all diets together.
select
    structure_id,
    service_id,
    day,
    cast(sum(firm) as integer) as firm
from {{ ref('int_meals__ordered') }}
group by structure_id, service_id, day
