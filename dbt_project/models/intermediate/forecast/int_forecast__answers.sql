-- What is expected of the days asked by the way that answers, with intervals that cover what they say.
with said as (
    {{ said_days('expected.is_asked') }}
)

select
    site,
    day,
    base,
    way,
    said as prediction,
    {{ interval_ends() }},
    case when base > 0 then said / base else rate end as rate,
    rate as model_rate,
    level,
    profile,
    deviation,
    calendar_effect,
    menu_effect,
    basis_days
from said
