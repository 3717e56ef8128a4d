-- A day is among the days of lines alike once, and in one place: the marts of lines have a row a line.
select
    child_id,
    service_id,
    day,
    kind,
    payer_id
from {{ ref('int_pricing__priced') }}
group by child_id, service_id, day, kind, payer_id
having count(*) > 1 or child_id is null or service_id is null or day is null or kind is null
