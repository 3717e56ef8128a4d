{# The value of a payer (a QF, an income) that holds by each rule, over ranges of days: ends of a chain of CTEs, the
   last of which is `held` (payer_id, qf_rule, valid_from, valid_to, the id), its first `facts`, the source read once.
   Days are never multiplied by values: a payer has a few ranges. `source` has family_id, payer_id, effective_from, recorded_at, recorded_on, replaces_id and the id.

   One that another corrects no longer counts. On the reference day the last to take effect holds, then the last
   recorded. By the rule one recorded late may count from then on only. The payer's own comes before the whole file's.
   One that takes effect later than the reference day counts only while none is known, the first known one first. #}
{% macro effective_ranges(source, id, is_known, more_rules=none) -%}
    facts as (
        select * from {{ source }}
    ),

    standing as (
        select
            found.*,
            found.replaces_id is not null as is_correction,
            found.recorded_at = firsts.recorded_at as is_first
        from facts as found
        inner join (
            select
                earliest.family_id,
                earliest.payer_id,
                min(earliest.recorded_at) as recorded_at
            from facts as earliest
            group by earliest.family_id, earliest.payer_id
        ) as firsts
            on found.family_id = firsts.family_id and coalesce(found.payer_id, 0) = coalesce(firsts.payer_id, 0)
        where
            found.{{ id }} not in (
                select correcting.replaces_id from facts as correcting
                where correcting.replaces_id is not null
            )
    ),

    rules as (
        {{ qf_rules(
            "select distinct qf_rule from " ~ ref('int_calendar__service_days')
            ~ (" union " ~ more_rules if more_rules else "")
        ) }}
    ),

    -- The day itself decides by « on_day »: nothing begins for all payers together.
    starting_days as (
        select distinct
            rules.qf_rule,
            {{ qf_period_start('rules.period', 'days.day') }} as day
        from rules
        cross join (select distinct service_days.day from {{ ref('int_calendar__service_days') }} as service_days) as days
        where rules.period <> 'on_day'
    ),

    relevant as (
        select
            payers.payer_id as of_payer_id,
            rules.qf_rule,
            standing.{{ id }},
            {{ qf_counts_from('rules.backdating', 'standing') }} as counts_from,
            standing.recorded_at,
            standing.payer_id is not null as is_own,
            {{ is_known }} as is_known
        from {{ ref('stg_records__payers') }} as payers
        inner join standing
            on payers.family_id = standing.family_id
            and (standing.payer_id is null or standing.payer_id = payers.payer_id)
        cross join rules
    ),

    -- What holds may change where a value begins to count, and where a period does.
    changes as (
        select
            of_payer_id,
            qf_rule,
            counts_from as day,
            cast(null as date) as start_day
        from relevant
        union
        select
            payers.of_payer_id,
            starting_days.qf_rule,
            starting_days.day,
            starting_days.day as start_day
        from (select distinct relevant.of_payer_id from relevant) as payers
        cross join starting_days
    ),

    ranges as (
        select
            of_payer_id,
            qf_rule,
            day as valid_from,
            coalesce(max(max(start_day)) over (partition by of_payer_id, qf_rule order by day), day) as start_day,
            lead(day) over (partition by of_payer_id, qf_rule order by day) as valid_to
        from changes
        group by of_payer_id, qf_rule, day
    ),

    looked_at as (
        select
            ranges.*,
            {{ qf_known_day('rules.known_on', 'ranges.start_day') }} as known_day
        from ranges
        inner join rules on ranges.qf_rule = rules.qf_rule
    ),

    referred as (
        select
            *,
            {{ qf_reference_day('known_day', 'start_day') }} as reference_day
        from looked_at
    ),

    candidates as (
        select
            ranges.*,
            relevant.{{ id }},
            relevant.counts_from,
            relevant.recorded_at,
            relevant.is_own,
            relevant.is_known,
            relevant.counts_from > ranges.reference_day as is_later
        from referred as ranges
        inner join relevant
            on ranges.of_payer_id = relevant.of_payer_id
            and ranges.qf_rule = relevant.qf_rule
            and relevant.counts_from <= ranges.valid_from
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by of_payer_id, qf_rule, valid_from, is_own, is_later
                order by
                    is_later and not is_known, case when is_later then counts_from end, counts_from desc,
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
