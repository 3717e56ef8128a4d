-- What the administrator checks before the bills (domain notes §7), as of today: each rule gives the records at fault.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

enrolled as (
    select
        enrolments.*,
        today.day as today,
        enrolments.valid_from <= today.day as has_begun
    from {{ ref('stg_records__enrolments') }} as enrolments
    inner join today on enrolments.valid_to is null or enrolments.valid_to > today.day
),

-- The files of each child, as they are kept.
child_files as (
    select distinct
        members.person_id as child_id,
        members.family_id
    from {{ ref('stg_records__family_members') }} as members
    inner join today
        on members.valid_from <= today.day and (members.valid_to is null or members.valid_to > today.day)
    where members.role = 'child'
),

served_files as (
    select distinct child_files.family_id
    from enrolled
    inner join child_files on enrolled.child_id = child_files.child_id
    where enrolled.has_begun
),

paid as (
    select distinct
        enrolled.enrolment_id,
        enrolled.child_id,
        enrolled.service_id,
        enrolled.structure_id,
        enrolment_payers.payer_id,
        enrolment_payers.rule
    from enrolled
    inner join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
        on enrolled.enrolment_id = enrolment_payers.enrolment_id
        and enrolment_payers.valid_from <= enrolled.today
        and (enrolment_payers.valid_to is null or enrolment_payers.valid_to > enrolled.today)
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
    from paid
    inner join {{ ref('stg_records__payers') }} as payers on paid.payer_id = payers.payer_id
    inner join child_files on paid.child_id = child_files.child_id
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

shared as (
    select
        enrolment_id,
        child_id,
        service_id,
        structure_id
    from paid
    group by enrolment_id, child_id, service_id, structure_id
    having count(distinct payer_id) > 1 or max(case when rule = 'custody' then 1 else 0 end) = 1
),

custody_missing as (
    select shared.*
    from shared
    where
        shared.child_id not in (
            select calendars.child_id
            from {{ ref('stg_records__custody_calendars') }} as calendars
            inner join today on calendars.valid_from <= today.day
        )
),

payer_missing as (
    select enrolled.*
    from enrolled
    where
        enrolled.has_begun
        and enrolled.enrolment_id not in (select paid.enrolment_id from paid)
        and enrolled.service_id in (
            select rules.service_id
            from {{ ref('stg_records__service_rules') }} as rules
            inner join today on rules.valid_from <= today.day
            where rules.is_priced
        )
),

unplanned as (
    select enrolled.*
    from enrolled
    inner join {{ ref('stg_records__services') }} as services
        on enrolled.service_id = services.service_id and services.service_kind = 'canteen'
    left join {{ ref('stg_records__enrolment_patterns') }} as patterns
        on enrolled.enrolment_id = patterns.enrolment_id
        and (patterns.valid_to is null or patterns.valid_to > enrolled.today)
    left join {{ ref('stg_records__bookings') }} as bookings
        on enrolled.child_id = bookings.child_id
        and enrolled.service_id = bookings.service_id
        and bookings.day >= enrolled.today
        and bookings.action in ('book', 'accept')
    where enrolled.has_begun and patterns.enrolment_id is null and bookings.child_id is null
),

weekdays as (
    select distinct
        enrolment_id,
        weekday
    from {{ ref('stg_records__enrolment_patterns') }}
),

-- Two places may share a child by different weekdays; at one place two enrolments of a service say it twice.
overlapping as (
    select distinct
        enrolled.child_id,
        enrolled.service_id,
        enrolled.structure_id,
        enrolled.enrolment_id,
        others.enrolment_id as other_id
    from enrolled
    inner join enrolled as others
        on enrolled.child_id = others.child_id
        and enrolled.service_id = others.service_id
        and enrolled.enrolment_id < others.enrolment_id
        and (enrolled.valid_to is null or others.valid_from < enrolled.valid_to)
        and (others.valid_to is null or enrolled.valid_from < others.valid_to)
    left join weekdays on enrolled.enrolment_id = weekdays.enrolment_id
    left join weekdays as other_weekdays on others.enrolment_id = other_weekdays.enrolment_id
    where
        enrolled.structure_id = others.structure_id
        or weekdays.weekday is null
        or other_weekdays.weekday is null
        or weekdays.weekday = other_weekdays.weekday
),

not_enrolled as (
    select
        decided.child_id,
        decided.service_id,
        max(decided.structure_id) as structure_id,
        max(decided.day) as last_day
    from {{ ref('int_attendance__decided') }} as decided
    inner join today
        on {{ days_from('decided.day', 'today.day') }} between 0 and {{ var('coherence_presence_days') }}
    where decided.is_present and decided.enrolment_id is null
    group by decided.child_id, decided.service_id
),

-- The sure ones only: the report of duplicates (records.operations.duplicates) compares accents, typos, telephones.
known_people as (
    select * from {{ ref('stg_records__persons') }}
    where person_id = kept_person_id and birth_date is not null
),

duplicates as (
    select
        people.person_id as child_id,
        others.person_id as other_id
    from known_people as people
    inner join known_people as others
        on upper(people.last_name) = upper(others.last_name)
        and upper(people.first_name) = upper(others.first_name)
        and people.birth_date = others.birth_date
        and people.person_id < others.person_id
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
    inner join enrolled
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
    inner join child_files on asked.child_id = child_files.child_id
    where asked.about = 'family'
    union
    select
        asked.document_kind_id,
        cast(null as bigint),
        guardians.person_id,
        cast(null as bigint)
    from asked
    inner join child_files on asked.child_id = child_files.child_id
    inner join guardians on child_files.family_id = guardians.family_id
    where asked.about = 'adult'
    union
    select
        asked.document_kind_id,
        cast(null as bigint),
        cast(null as bigint),
        paid.payer_id
    from asked
    inner join paid on asked.child_id = paid.child_id
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
),

-- What bodies agreed to and that pays nothing yet: on no enrolment, without its number, or at fault on a line.
agreed as (
    select coverages.*
    from {{ ref('stg_records__coverages') }} as coverages
    inner join today on coverages.valid_to is null or coverages.valid_to > today.day
    where coverages.state in ('notified', 'applied', 'used_up')
),

coverage_unapplied as (
    select agreed.*
    from agreed
    where
        agreed.coverage_id not in (
            select links.coverage_id
            from {{ ref('stg_records__coverage_enrolments') }} as links
            inner join today on links.removed_on is null or links.removed_on > today.day
        )
),

coverage_unnumbered as (
    select * from agreed
    where decision_number is null
),

coverage_at_fault as (
    select distinct
        coverable.coverage_id,
        coverable.child_id,
        coverable.fault
    from {{ ref('int_pricing__coverable') }} as coverable
    where coverable.fault is not null
),

-- A minute that was tapped or told while the place was shut; one derived from the slot is nobody's word.
outside_hours as (
    select
        decided.child_id,
        decided.service_id,
        max(decided.structure_id) as structure_id,
        max(decided.day) as last_day
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__opening_hours') }} as hours
        on decided.structure_id = hours.structure_id and decided.day = hours.day
    inner join today
        on {{ days_from('decided.day', 'today.day') }} between 0 and {{ var('coherence_presence_days') }}
    where
        decided.is_present
        and (
            hours.open_minute is null
            or (
                not decided.is_arrival_derived
                and decided.arrived_minute < hours.open_minute - {{ var('coherence_opening_minutes') }}
            )
            or (
                not decided.is_departure_derived
                and decided.left_minute > hours.close_minute + {{ var('coherence_opening_minutes') }}
            )
        )
    group by decided.child_id, decided.service_id
),

-- CAF pays for no hour of a shut place: all services of a day together, against the hours of its opening.
caf_days as (
    select
        child_id,
        structure_id,
        day,
        sum(minutes) as minutes
    from {{ ref('int_caf__hours') }}
    group by child_id, structure_id, day
),

caf_above_opening as (
    select
        caf_days.child_id,
        caf_days.structure_id,
        max(caf_days.day) as last_day
    from caf_days
    inner join {{ ref('int_calendar__opening_hours') }} as hours
        on caf_days.structure_id = hours.structure_id and caf_days.day = hours.day
    where caf_days.minutes > coalesce(hours.close_minute - hours.open_minute, 0)
    group by caf_days.child_id, caf_days.structure_id
),

found as (
    {% for fault in ['coverage_rank_twice', 'coverages_too_many', 'aid_scale_missing', 'aid_qf_missing'] %}
    {{ coherence_fault(
        fault, 'coverage_at_fault', {'person_id': 'child_id', 'other_id': 'coverage_id'}, "fault = '" ~ fault ~ "'"
    ) }}
    union all
    {% endfor %}
    {{ coherence_fault('coverage_unapplied', 'coverage_unapplied', {
        'person_id': 'child_id', 'other_id': 'coverage_id', 'service_id': 'service_id'
    }) }}
    union all
    {{ coherence_fault('coverage_unnumbered', 'coverage_unnumbered', {
        'person_id': 'child_id', 'other_id': 'coverage_id'
    }) }}
    union all
    {{ coherence_fault('regime_missing', 'regime_missing', {'family_id': 'family_id'}) }}
    union all
    {{ coherence_fault('qf_missing', 'qf_missing', {'family_id': 'family_id', 'payer_id': 'payer_id'}, 'not is_default') }}
    union all
    {{ coherence_fault('qf_default', 'qf_missing', {'family_id': 'family_id', 'payer_id': 'payer_id'}, 'is_default') }}
    union all
    {{ coherence_fault('custody_missing', 'custody_missing', {'enrolment_id': 'enrolment_id'}) }}
    union all
    {{ coherence_fault('payer_missing', 'payer_missing', {'enrolment_id': 'enrolment_id'}) }}
    union all
    {{ coherence_fault('meals_unplanned', 'unplanned', {'enrolment_id': 'enrolment_id'}) }}
    union all
    {{ coherence_fault('enrolments_overlap', 'overlapping', {'enrolment_id': 'enrolment_id', 'other_id': 'other_id'}) }}
    union all
    {{ coherence_fault('enrolment_missing', 'not_enrolled', {
        'person_id': 'child_id', 'service_id': 'service_id', 'structure_id': 'structure_id', 'day': 'last_day'
    }) }}
    union all
    {{ coherence_fault('presence_outside_hours', 'outside_hours', {
        'person_id': 'child_id', 'service_id': 'service_id', 'structure_id': 'structure_id', 'day': 'last_day'
    }) }}
    union all
    {{ coherence_fault('caf_above_opening', 'caf_above_opening', {
        'person_id': 'child_id', 'other_id': 'structure_id', 'structure_id': 'structure_id', 'day': 'last_day'
    }) }}
    union all
    {{ coherence_fault('duplicate', 'duplicates', {'person_id': 'child_id', 'other_id': 'other_id'}) }}
    union all
    {{ coherence_fault('document_missing', 'document_missing', {
        'family_id': 'family_id', 'person_id': 'person_id', 'payer_id': 'payer_id', 'other_id': 'document_kind_id'
    }) }}
    union all
    {{ coherence_fault('mandate_unsigned', 'mandates', {'mandate_id': 'mandate_id', 'payer_id': 'payer_id'}) }}
    union all
    {{ coherence_fault('file_unsigned', 'unsigned', {'family_id': 'family_id'}) }}
)

select
    found.rule,
    found.rule || '~' || coalesce(cast(found.enrolment_id as varchar), '') || '~'
    || coalesce(cast(found.family_id as varchar), '') || '~' || coalesce(cast(found.payer_id as varchar), '') || '~'
    || coalesce(cast(found.person_id as varchar), '') || '~' || coalesce(cast(found.other_id as varchar), '') || '~'
    || coalesce(cast(found.service_id as varchar), '') || '~'
    || coalesce(cast(found.mandate_id as varchar), '') as fault_key,
    found.enrolment_id,
    found.family_id,
    found.payer_id,
    found.mandate_id,
    coalesce(found.person_id, enrolments.child_id) as person_id,
    found.other_id,
    coalesce(found.service_id, enrolments.service_id) as service_id,
    coalesce(found.structure_id, enrolments.structure_id) as structure_id,
    found.day
from found
left join {{ ref('stg_records__enrolments') }} as enrolments on found.enrolment_id = enrolments.enrolment_id
