-- What the administrator checks before the bills (domain notes §7), as of today: each rule gives the records at fault.
with found as (
    select * from {{ ref('int_coherence__enrolment_faults') }}
    union all
    select * from {{ ref('int_coherence__file_faults') }}
    union all
    select * from {{ ref('int_coherence__paper_faults') }}
    union all
    select * from {{ ref('int_coherence__presence_faults') }}
    union all
    select * from {{ ref('int_coherence__coverage_faults') }}
    union all
    select * from {{ ref('int_coherence__person_faults') }}
)

select
    found.rule,
    found.fault_key,
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
