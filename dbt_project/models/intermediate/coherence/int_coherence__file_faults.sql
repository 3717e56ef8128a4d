-- Files of the families served today that lack a régime, a QF or a signature; mandates that wait for theirs.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

served_files as (
    select distinct child_files.family_id
    from {{ ref('int_coherence__enrolled') }} as enrolled
    inner join {{ ref('int_coherence__child_files') }} as child_files on enrolled.child_id = child_files.child_id
    where enrolled.has_begun
),

regime_missing as (
    select served_files.family_id
    from served_files
    where
        served_files.family_id not in (
            select regimes.family_id
            from {{ ref('stg_records__regimes') }} as regimes
            inner join today on regimes.effective_from <= today.day
        )
),

-- The QF in force of who pays for a child: their own before the whole file's, as prices take it.
paying as (
    select distinct
        paid.payer_id,
        payers.family_id
    from {{ ref('int_coherence__paid') }} as paid
    inner join {{ ref('stg_records__payers') }} as payers on paid.payer_id = payers.payer_id
    inner join {{ ref('int_coherence__child_files') }} as child_files on paid.child_id = child_files.child_id
),

qf_in_force as (
    select
        paying.payer_id,
        qfs.qf_source,
        row_number() over (
            partition by paying.payer_id
            order by qfs.payer_id is not null desc, qfs.effective_from desc, qfs.recorded_at desc, qfs.qf_id desc
        ) as place
    from paying
    cross join today
    inner join {{ ref('stg_records__qfs') }} as qfs
        on paying.family_id = qfs.family_id
        and (qfs.payer_id is null or qfs.payer_id = paying.payer_id)
        and qfs.effective_from <= today.day
    where
        qfs.qf_id not in (
            select correcting.replaces_id from {{ ref('stg_records__qfs') }} as correcting
            where correcting.replaces_id is not null
        )
),

qf_missing as (
    select
        paying.payer_id,
        paying.family_id,
        qf_in_force.payer_id is not null as is_default
    from paying
    left join qf_in_force on paying.payer_id = qf_in_force.payer_id and qf_in_force.place = 1
    where qf_in_force.payer_id is null or qf_in_force.qf_source = 'default'
),

unsigned as (
    select served_files.family_id
    from served_files
    where
        served_files.family_id not in (
            select signatures.family_id
            from {{ ref('stg_records__signatures') }} as signatures
            where
                signatures.paper = 'family_file'
                and not signatures.is_withdrawn
                and signatures.signature_id not in (
                    select replacing.replaces_id from {{ ref('stg_records__signatures') }} as replacing
                    where replacing.replaces_id is not null
                )
        )
),

mandates as (
    select * from {{ ref('stg_records__mandates') }}
    where state = 'awaiting_signature'
)

{{ coherence_fault('regime_missing', 'regime_missing', {'family_id': 'family_id'}) }}
union all
{{ coherence_fault('qf_missing', 'qf_missing', {'family_id': 'family_id', 'payer_id': 'payer_id'}, 'not is_default') }}
union all
{{ coherence_fault('qf_default', 'qf_missing', {'family_id': 'family_id', 'payer_id': 'payer_id'}, 'is_default') }}
union all
{{ coherence_fault('file_unsigned', 'unsigned', {'family_id': 'family_id'}) }}
union all
{{ coherence_fault('mandate_unsigned', 'mandates', {'mandate_id': 'mandate_id', 'payer_id': 'payer_id'}) }}
