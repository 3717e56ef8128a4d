-- Papers that an enrolment asks for and that nobody holds: missing, refused or out of date.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

-- What each enrolment asks for, and of whom: the child, the file, its guardians or who pays.
asked as (
    select distinct
        kinds.document_kind_id,
        kinds.about,
        enrolled.child_id
    from {{ ref('stg_records__document_requirements') }} as requirements
    inner join {{ ref('stg_records__document_kinds') }} as kinds
        on requirements.document_kind_id = kinds.document_kind_id
    inner join {{ ref('int_coherence__enrolled') }} as enrolled
        on (requirements.service_id is null or requirements.service_id = enrolled.service_id)
        and requirements.valid_from <= enrolled.today
        and (requirements.valid_to is null or requirements.valid_to > enrolled.today)
    where requirements.is_mandatory
),

guardians as (
    select distinct
        members.person_id,
        members.family_id
    from {{ ref('stg_records__family_members') }} as members
    inner join today
        on members.valid_from <= today.day and (members.valid_to is null or members.valid_to > today.day)
    where members.role = 'guardian'
),

wanted as (
    select
        asked.document_kind_id,
        cast(null as bigint) as family_id,
        asked.child_id as person_id,
        cast(null as bigint) as payer_id
    from asked
    where asked.about in ('child', 'enrolment')
    union
    select
        asked.document_kind_id,
        child_files.family_id,
        cast(null as bigint),
        cast(null as bigint)
    from asked
    inner join {{ ref('int_coherence__child_files') }} as child_files on asked.child_id = child_files.child_id
    where asked.about = 'family'
    union
    select
        asked.document_kind_id,
        cast(null as bigint),
        guardians.person_id,
        cast(null as bigint)
    from asked
    inner join {{ ref('int_coherence__child_files') }} as child_files on asked.child_id = child_files.child_id
    inner join guardians on child_files.family_id = guardians.family_id
    where asked.about = 'adult'
    union
    select
        asked.document_kind_id,
        cast(null as bigint),
        cast(null as bigint),
        paid.payer_id
    from asked
    inner join {{ ref('int_coherence__paid') }} as paid on asked.child_id = paid.child_id
    where asked.about = 'payer'
),

document_missing as (
    select wanted.*
    from wanted
    left join (
        select documents.*
        from {{ ref('stg_records__documents') }} as documents
        inner join today on documents.expires_on is null or documents.expires_on > today.day
        where documents.state <> 'refused'
    ) as held
        on wanted.document_kind_id = held.document_kind_id
        and wanted.person_id is not distinct from held.person_id
        and wanted.payer_id is not distinct from held.payer_id
        and (wanted.family_id is null or wanted.family_id = held.family_id)
    where held.document_id is null
)

{{ coherence_fault('document_missing', 'document_missing', {
    'family_id': 'family_id', 'person_id': 'person_id', 'payer_id': 'payer_id', 'other_id': 'document_kind_id'
}) }}
