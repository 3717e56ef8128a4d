-- A credit kept for a service is stuck when no child of the payer is enrolled in it any more: nothing will use it.
with current_payers as (
    select distinct
        enrolment_payers.payer_id,
        enrolments.service_id
    from {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
    inner join {{ ref('stg_records__enrolments') }} as enrolments
        on enrolment_payers.enrolment_id = enrolments.enrolment_id
    inner join {{ ref('stg_records__build_days') }} as build_days
        on (enrolments.valid_to is null or enrolments.valid_to > build_days.last_line_day)
        and (enrolment_payers.valid_to is null or enrolment_payers.valid_to > build_days.last_line_day)
),

waiting as (
    select
        payer_id,
        month,
        service_id,
        waiting_after
    from {{ ref('int_billing__service_sums') }}
    where waiting_after < 0
)

select
    waiting.month,
    payers.payer_ref,
    services.service_ref,
    services.service_label,
    waiting.waiting_after as waiting_amount,
    current_payers.payer_id is null as is_stuck
from waiting
inner join {{ ref('stg_records__payers') }} as payers on waiting.payer_id = payers.payer_id
inner join {{ ref('stg_records__services') }} as services on waiting.service_id = services.service_id
left join current_payers
    on waiting.payer_id = current_payers.payer_id and waiting.service_id = current_payers.service_id
