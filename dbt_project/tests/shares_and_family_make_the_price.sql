-- What bodies pay is never more than the price, nor of the other sign, and only on lines that have a price.
select
    covered.line_key,
    priced.amount,
    sum(covered.amount) as covered_amount
from {{ ref('fct_covered_lines') }} as covered
left join {{ ref('fct_priced_lines') }} as priced on covered.line_key = priced.line_key
group by covered.line_key, priced.amount
having
    priced.amount is null
    or (priced.amount > 0 and (sum(covered.amount) > priced.amount or min(covered.amount) < 0))
    or (priced.amount < 0 and (sum(covered.amount) < priced.amount or max(covered.amount) > 0))
