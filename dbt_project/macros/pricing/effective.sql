{# The value of a payer (a QF, an income) that holds by each rule, over ranges of days: ends of a chain of CTEs, the
   last of which is `held` (payer_id, qf_rule, valid_from, valid_to, the id). Days are never multiplied by values: a
   payer has a few ranges. `source` has family_id, payer_id, effective_from, recorded_at, replaces_id and the id.

   One that another corrects no longer counts. On the reference day the last to take effect holds, then the last
   recorded. The payer's own comes before the whole file's. One that takes effect later than the reference day counts
   only while none is known, the first known one first. #}
{% macro effective_ranges(source, id, is_known, more_rules=none) -%}
    standing as (
        select found.*
        from {{ source }} as found
        where
            found.{{ id }} not in (
                select correcting.replaces_id from {{ source }} as correcting
                where correcting.replaces_id is not null
            )
    ),

    relevant as (
        select
            payers.payer_id as of_payer_id,
            standing.{{ id }},
            standing.effective_from,
            standing.recorded_at,
            standing.payer_id is not null as is_own,
            {{ is_known }} as is_known
        from {{ ref('stg_records__payers') }} as payers
        inner join standing
            on payers.family_id = standing.family_id
            and (standing.payer_id is null or standing.payer_id = payers.payer_id)
    ),

    reference_days as (
        select distinct
            qf_rule,
            {{ qf_reference_day('qf_rule', 'day') }} as reference_day
        from {{ ref('int_calendar__service_days') }}
        {%- if more_rules %}
        union
        select distinct
            more.qf_rule,
            {{ qf_reference_day('more.qf_rule', 'days.day') }} as reference_day
        from ({{ more_rules }}) as more
        cross join (select distinct service_days.day from {{ ref('int_calendar__service_days') }} as service_days) as days
        {%- endif %}
    ),

    rules as (
        select distinct qf_rule from reference_days
    ),

    -- What holds may change where a value takes effect, and on a day of reference.
    changes as (
        select
            relevant.of_payer_id,
            rules.qf_rule,
            relevant.effective_from as day
        from relevant
        cross join rules
        union
        select
            payers.of_payer_id,
            reference_days.qf_rule,
            reference_days.reference_day as day
        from (select distinct relevant.of_payer_id from relevant) as payers
        cross join reference_days
        where reference_days.qf_rule <> 'on_day'
    ),

    ranges as (
        select
            of_payer_id,
            qf_rule,
            day as valid_from,
            {{ qf_reference_day('qf_rule', 'day') }} as reference_day,
            lead(day) over (partition by of_payer_id, qf_rule order by day) as valid_to
        from changes
    ),

    candidates as (
        select
            ranges.*,
            relevant.{{ id }},
            relevant.effective_from,
            relevant.recorded_at,
            relevant.is_own,
            relevant.is_known,
            relevant.effective_from > ranges.reference_day as is_later
        from ranges
        inner join relevant
            on ranges.of_payer_id = relevant.of_payer_id and relevant.effective_from <= ranges.valid_from
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by of_payer_id, qf_rule, valid_from, is_own, is_later
                order by
                    is_later and not is_known, case when is_later then effective_from end, effective_from desc,
                    recorded_at desc, {{ id }} desc
            ) as place
        from candidates
    ),

    preferred as (
        select
            *,
            row_number() over (
                partition by of_payer_id, qf_rule, valid_from order by is_own desc, is_known desc, is_later
            ) as preference
        from ranked
        where place = 1
    ),

    held as (
        select
            of_payer_id as payer_id,
            qf_rule,
            valid_from,
            valid_to,
            {{ id }}
        from preferred
        where preference = 1
    )
{%- endmacro %}
