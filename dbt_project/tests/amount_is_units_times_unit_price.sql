-- Lines alike stand by themselves: their amount is their units at their unit price, or what the last of their modifiers of
-- the line left, rounded half up to the cent; nothing is due without a unit, and what could not be priced, or is held back,
-- says why.
select
    line_key,
    units,
    unit_price,
    amount,
    fault,
    held_back
from {{ ref('int_pricing__told') }}
where
    (fault is null and held_back is null) <> (amount is not null)
    or (amount is not null and units = 0 and amount <> 0)
    or (
        amount is not null
        and units <> 0
        -- Shares sum to the price: tests/sql/test_packages.py.
        and share_days is null
        and abs(amount) is distinct from {{ to_the_cent(
            "coalesce(" ~ last_line_step('price_steps') ~ ", "
            ~ line_total('unit', 'abs(units)', 'rounded_minutes', 'unit_price', 'minutes_over') ~ ")"
        ) }}
    )
