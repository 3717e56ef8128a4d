-- The hours of a month by everything that a declaration splits them by, with the day's held ones aside.
select
    structure_id,
    service_id,
    {{ month_of('day') }} as month,
    caf_kind,
    period,
    age_group,
    is_under_4,
    regime_group,
    is_aeeh,
    cast(sum(case when is_declared and is_present then 1 else 0 end) as integer) as child_days,
    cast(sum(case when is_declared and is_derived then 1 else 0 end) as integer) as derived_child_days,
    cast(sum(case when held_back is not null then 1 else 0 end) as integer) as held_child_days,
    cast(coalesce(sum({{ caf_measure('realised') }}), 0) as bigint) as realised_minutes,
    cast(coalesce(sum({{ caf_measure('billed') }}), 0) as decimal(18, 4)) as billed_minutes,
    cast(coalesce(sum({{ caf_measure('contribution') }}), 0) as decimal(18, 2)) as contribution,
    cast(coalesce(sum({{ caf_measure('held') }}), 0) as bigint) as held_minutes
from {{ ref('int_caf__child_days') }}
group by
    structure_id, service_id, {{ month_of('day') }}, caf_kind, period, age_group, is_under_4,
    regime_group, is_aeeh
