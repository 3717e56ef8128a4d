-- Points are of the rate that the hours give to the minute; all but rounding sum to that rate less 100.
with totals as (
    select
        structure_id,
        cast(extract(year from month) as integer) as caf_year,
        cast(sum(realised_minutes) as bigint) as realised_minutes,
        cast(sum(billed_minutes) as decimal(18, 4)) as billed_minutes
    from {{ ref('int_caf__sums') }}
    where caf_kind = 'eaje'
    group by structure_id, cast(extract(year from month) as integer)
),

compared as (
    select
        causes.structure_id,
        totals.caf_year,
        causes.cause,
        coalesce(reasons.reason_label, '') as reason_label,
        causes.billed_minutes,
        causes.realised_minutes,
        totals.realised_minutes as all_realised,
        totals.billed_minutes as all_billed
    from {{ ref('int_caf__psu_causes') }} as causes
    inner join totals on causes.structure_id = totals.structure_id and extract(year from causes.month) = totals.caf_year
    left join {{ ref('stg_records__absence_reasons') }} as reasons on causes.absence_reason_id = reasons.absence_reason_id
),

summed as (
    select
        structure_id,
        caf_year,
        cause,
        reason_label,
        cast(sum(billed_minutes) as decimal(18, 4)) as billed_minutes,
        cast(sum(realised_minutes) as bigint) as realised_minutes,
        max(all_realised) as all_realised,
        max(all_billed) as all_billed
    from compared
    group by structure_id, caf_year, cause, reason_label
    having sum(billed_minutes) <> 0 or sum(realised_minutes) <> 0
),

rated as (
    select
        *,
        case
            when all_realised > 0
                then {{ signed_ratio('cast(100 * 10000 * all_billed as bigint)', 'cast(10000 * all_realised as bigint)', 4) }}
        end as rate,
        case
            when all_realised - realised_minutes > 0
                then {{ signed_ratio(
                    'cast(100 * 10000 * (all_billed - billed_minutes) as bigint)',
                    'cast(10000 * (all_realised - realised_minutes) as bigint)', 4
                ) }}
        end as rate_without
    from summed
)

select
    structures.structure_ref,
    structures.structure_label,
    rated.caf_year as year,
    rated.cause,
    rated.reason_label,
    {{ hours_of("case when rated.cause = 'rounding' then rated.realised_minutes else rated.billed_minutes end") }} as hours,
    cast(rated.rate as decimal(18, 4)) as rate,
    cast(rated.rate_without as decimal(18, 4)) as rate_without,
    cast(rated.rate - rated.rate_without as decimal(18, 4)) as points
from rated
inner join {{ ref('stg_records__structures') }} as structures on rated.structure_id = structures.structure_id
