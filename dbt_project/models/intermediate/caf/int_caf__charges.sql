-- What a place cost in a year, by its accounts: one sum for every figure that rests on the cost of an hour.
select
    structure_id,
    caf_year,
    sum(amount_cents) as charge_cents
from {{ ref('int_caf__accounts') }}
where nature = 'charge'
group by structure_id, caf_year
