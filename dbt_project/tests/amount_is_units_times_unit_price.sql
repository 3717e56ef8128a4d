-- Each line stands by itself: its amount is its units at its unit price, rounded half up to the cent; nothing is due
-- without a unit, and what could not be priced, or is held back, says why.
select
    line_key,
    units,
    unit_price,
    amount,
    fault,
    held_back
from {{ ref('fct_priced_lines') }}
where
    (fault is null and held_back is null) <> (amount is not null)
    or (amount is not null and units = 0 and amount <> 0)
    or (amount is not null and units > 0 and amount is distinct from {{ line_amount('units', 'unit_price') }})
    or units < 0
