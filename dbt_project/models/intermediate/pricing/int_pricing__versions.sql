-- A tariff has no end: the version begun last prices the day. Ranges, so that days are not multiplied by versions.
select
    tariffs.service_id,
    versions.tariff_version_id,
    versions.valid_from,
    lead(versions.valid_from) over (
        partition by tariffs.service_id order by versions.valid_from, versions.tariff_version_id
    ) as valid_to,
    versions.tariff_decision,
    versions.unit_step_e4,
    versions.rank_basis,
    tariffs.tariff_label
from {{ ref('stg_records__tariffs') }} as tariffs
inner join {{ ref('stg_records__tariff_versions') }} as versions on tariffs.tariff_id = versions.tariff_id
