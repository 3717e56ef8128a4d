-- Who pays for the enrolments in force today.
select distinct
    enrolled.enrolment_id,
    enrolled.child_id,
    enrolled.service_id,
    enrolled.structure_id,
    enrolment_payers.payer_id,
    enrolment_payers.rule
from {{ ref('int_coherence__enrolled') }} as enrolled
inner join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
    on enrolled.enrolment_id = enrolment_payers.enrolment_id
    and enrolment_payers.valid_from <= enrolled.today
    and (enrolment_payers.valid_to is null or enrolment_payers.valid_to > enrolled.today)
where enrolled.has_begun
