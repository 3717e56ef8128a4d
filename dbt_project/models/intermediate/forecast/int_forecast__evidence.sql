-- All that the levels need of the past, in one pass: weights and weighted take-ups, without the day's own effect.
select
    weights.origin,
    observed.site,
    observed.weekday,
    cast(count(*) as integer) as days,
    sum(weights.slow_weight) as slow_weight,
    sum(weights.slow_weight * observed.rate / weights.factor) as slow_rate,
    sum(observed.base * weights.slow_weight) as town_weight,
    sum(observed.base * weights.slow_weight * observed.rate / weights.factor) as town_rate,
    {%- for speed in ['fast', 'quick', 'term'] %}
    sum(weights.{{ speed }}_weight) as {{ speed }}_weight,
    sum(weights.{{ speed }}_weight * observed.rate / weights.factor) as {{ speed }}_rate{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('int_forecast__day_weights') }} as weights
inner join {{ ref('int_forecast__observed') }} as observed on weights.day = observed.day
where weights.is_known and observed.is_usable
group by weights.origin, observed.site, observed.weekday
