with asked as (
    select distinct
        payer_id,
        family_id,
        day
    from {{ ref('int_pricing__payers') }}
    where payer_id is not null
),

-- A QF that another one corrects no longer counts; nothing is ever deleted.
standing as (
    select qfs.*
    from {{ ref('stg_records__qfs') }} as qfs
    where
        qfs.qf_id not in (
            select correcting.replaces_id from {{ ref('stg_records__qfs') }} as correcting
            where correcting.replaces_id is not null
        )
),

-- The payer's own QF comes first, then the whole file's; the last to take effect, then the last recorded.
ranked as (
    select
        asked.payer_id,
        asked.day,
        standing.qf_id,
        standing.qf_value,
        standing.qf_source,
        standing.effective_from,
        row_number() over (
            partition by asked.payer_id, asked.day
            order by
                standing.payer_id is not null desc, standing.effective_from desc, standing.recorded_at desc,
                standing.qf_id desc
        ) as preference
    from asked
    inner join standing
        on asked.family_id = standing.family_id
        and (standing.payer_id is null or standing.payer_id = asked.payer_id)
        and standing.effective_from <= asked.day
)

select
    payer_id,
    day,
    qf_id,
    qf_value,
    qf_source,
    effective_from as qf_effective_from
from ranked
where preference = 1
