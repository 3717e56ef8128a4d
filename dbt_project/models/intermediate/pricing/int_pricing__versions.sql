-- A tariff has no end: the version begun last prices the day. Ranges, so that days are not multiplied by versions.
-- The price list of a séjour is nobody else's: it has no service here.
with prices as (
    select
        tariff_version_id,
        max(rule_kind = 'late_pickup') as has_late_price,
        -- Memberships and séjours alone: coming adds nothing. Any other list that lacks a price of the day has a gap.
        max(rule_kind is null) or not max(coalesce(rule_kind in ('membership', 'sejour'), false)) as has_day_price,
        max(form = 'psu') as has_scale
    from {{ ref('stg_records__tariff_rules') }}
    where applies_to is null
    group by tariff_version_id
),

-- Whether some rule of the list, a modifier too, tells days of school from others, or has periods of its own length.
asked as (
    select
        tariff_version_id,
        max(day_kind is not null) as asks_day_kind,
        max(unit_minutes is not null) as asks_begun_minutes
    from {{ ref('stg_records__tariff_rules') }}
    group by tariff_version_id
)

select
    tariffs.tariff_id,
    case when sejours.tariff_id is null then tariffs.service_id end as service_id,
    versions.tariff_version_id,
    versions.valid_from,
    lead(versions.valid_from) over (
        partition by tariffs.tariff_id order by versions.valid_from, versions.tariff_version_id
    ) as valid_to,
    versions.tariff_decision,
    versions.unit_step_e4,
    versions.unit_step_mode,
    versions.rank_basis,
    versions.package_basis,
    coalesce(prices.has_late_price, false) as has_late_price,
    -- A list without a price has none for days either: the fault says so, day by day.
    coalesce(prices.has_day_price, true) as has_day_price,
    coalesce(prices.has_scale, false) as has_scale,
    coalesce(asked.asks_day_kind, false) as asks_day_kind,
    coalesce(asked.asks_begun_minutes, false) as asks_begun_minutes,
    tariffs.tariff_label
from {{ ref('stg_records__tariffs') }} as tariffs
inner join {{ ref('stg_records__tariff_versions') }} as versions on tariffs.tariff_id = versions.tariff_id
left join prices on versions.tariff_version_id = prices.tariff_version_id
left join asked on versions.tariff_version_id = asked.tariff_version_id
left join (select distinct tariff_id from {{ ref('stg_records__sejours') }}) as sejours
    on tariffs.tariff_id = sejours.tariff_id
