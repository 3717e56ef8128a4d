-- The régime of a family file over ranges of days: of those of one day the last recorded stands.
with ranked as (
    select
        family_id,
        effective_from,
        regime_group,
        row_number() over (
            partition by family_id, effective_from order by recorded_at desc, regime_id desc
        ) as preference
    from {{ ref('stg_records__regimes') }}
)

select
    family_id,
    effective_from as valid_from,
    lead(effective_from) over (partition by family_id order by effective_from) as valid_to,
    regime_group
from ranked
where preference = 1
