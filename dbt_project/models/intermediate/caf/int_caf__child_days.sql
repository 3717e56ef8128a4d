-- What a figure of a declaration opens to: hours realised and hours billed of a child on a day. Of early childhood
-- the days on which a bill stands without a presence count too: an absence that stays billed, the month of a contract.
with eaje as (
    select service_id
    from {{ ref('stg_records__services') }}
    where caf_kind = 'eaje'
),

absent as (
    select billed.*
    from {{ ref('int_caf__billed') }} as billed
    inner join eaje on billed.service_id = eaje.service_id
    left join {{ ref('int_caf__hours') }} as hours
        on billed.child_id = hours.child_id
        and billed.service_id = hours.service_id
        and billed.day = hours.day
    where hours.child_id is null
),

dates as (
    select distinct day from absent
),

parameters as (
    {{ parameters_of_days('dates', {
        'age_limit_years': 'caf.alsh.age_limit_years',
        'eaje_until_years': 'caf.psu.age_limit_years',
    }) }}
),

aged as (
    select
        absent.*,
        persons.birth_date,
        parameters.age_limit_years,
        parameters.eaje_until_years,
        {{ age_years('persons.birth_date', 'absent.day') }} as age_years,
        coalesce(regimes.regime_group, 'INCONNU') as regime_group,
        aeeh_rights.child_id is not null as is_aeeh
    from absent
    inner join parameters on absent.day = parameters.day
    inner join {{ ref('stg_records__persons') }} as persons on absent.child_id = persons.person_id
    left join {{ ref('int_caf__regimes') }} as regimes
        on absent.family_id = regimes.family_id
        and regimes.valid_from <= absent.day
        and (regimes.valid_to is null or absent.day < regimes.valid_to)
    left join {{ ref('stg_records__aeeh_rights') }} as aeeh_rights
        on absent.child_id = aeeh_rights.child_id
        and aeeh_rights.valid_from <= absent.day
        and (aeeh_rights.valid_to is null or absent.day < aeeh_rights.valid_to)
),

found as (
    select
        hours.child_id,
        hours.service_id,
        hours.day,
        hours.structure_id,
        hours.caf_kind,
        hours.caf_hour_rule,
        hours.period,
        true as is_present,
        hours.is_derived,
        hours.age_group,
        hours.age_years,
        hours.regime_group,
        hours.is_aeeh,
        hours.minutes as realised_minutes,
        billed.minutes as billed_minutes,
        billed.amount as contribution,
        hours.fault,
        hours.held_back
    from {{ ref('int_caf__hours') }} as hours
    left join {{ ref('int_caf__billed') }} as billed
        on hours.child_id = billed.child_id
        and hours.service_id = billed.service_id
        and hours.day = billed.day
    union all
    select
        child_id,
        service_id,
        day,
        structure_id,
        'eaje' as caf_kind,
        'real' as caf_hour_rule,
        'all_year' as period,
        false as is_present,
        false as is_derived,
        case
            when birth_date is null or age_limit_years is null then 'unknown'
            when age_years < age_limit_years then 'under_6'
            else 'from_6'
        end as age_group,
        cast(age_years as integer) as age_years,
        regime_group,
        is_aeeh,
        0 as realised_minutes,
        minutes as billed_minutes,
        amount as contribution,
        case
            when age_years >= eaje_until_years then 'over_age'
            when birth_date is null or age_limit_years is null then 'age_unknown'
        end as fault,
        cast(null as varchar) as held_back
    from aged
),

-- A presence that waits holds its own line; the month of a contract that stands on the same day does not wait.
judged as (
    select
        *,
        coalesce(fault, 'age_unknown') = 'age_unknown' as counts_billed
    from found
)

select
    child_id,
    service_id,
    day,
    structure_id,
    caf_kind,
    caf_hour_rule,
    period,
    is_present,
    is_derived,
    age_group,
    age_years,
    coalesce(age_years < 4, false) as is_under_4,
    regime_group,
    is_aeeh,
    cast(realised_minutes as integer) as realised_minutes,
    cast(billed_minutes as decimal(14, 4)) as billed_minutes,
    cast(contribution as decimal(12, 2)) as contribution,
    fault,
    held_back,
    counts_billed,
    -- What is declared: neither what waits for a person, nor what cannot be counted.
    held_back is null and counts_billed as is_declared
from judged
