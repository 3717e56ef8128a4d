-- Each past day as it would have been forecast by the way that answered then, with intervals made of what had been
-- missed before, beside the simple rule.
with said as (
    {{ said_days('not expected.is_asked') }}
)

select
    site,
    day,
    delay_days,
    is_other_delay,
    base,
    taken,
    human_order,
    not is_strike and calendar_class <> 'rentree' as is_normal,
    way,
    said as prediction,
    simple,
    {{ interval_ends() }}
from said
