-- What is due for a span of days rather than for one day, and whether its payers share it by custody.
with spans as (
    select
        child_id,
        service_id,
        structure_id,
        enrolment_id,
        category,
        tariff_id,
        rule_kind,
        kind,
        period,
        day,
        end_day,
        day_count,
        cast(null as bigint) as minutes,
        cast(null as integer) as minutes_over
    from {{ ref('int_pricing__packages') }}
    union all
    select
        child_id,
        service_id,
        structure_id,
        enrolment_id,
        category,
        cast(null as bigint) as tariff_id,
        rule_kind,
        kind || case when place > 1 then '_' || cast(place as varchar) else '' end as kind,
        'contract' as period,
        day,
        end_day,
        cast(null as integer) as day_count,
        cast(minutes as bigint) as minutes,
        cast(minutes_over as integer) as minutes_over
    from {{ ref('int_pricing__contract_months') }}
),

payers as (
    select
        spans.enrolment_id,
        spans.kind,
        spans.period,
        spans.day,
        min(enrolment_payers.payer_id) as payer_id,
        count(distinct enrolment_payers.payer_id) > 1 or max(enrolment_payers.rule = 'custody') as is_shared
    from spans
    inner join {{ ref('stg_records__enrolment_payers') }} as enrolment_payers
        on spans.enrolment_id = enrolment_payers.enrolment_id
        and enrolment_payers.valid_from <= spans.day
        and (enrolment_payers.valid_to is null or spans.day < enrolment_payers.valid_to)
    group by spans.enrolment_id, spans.kind, spans.period, spans.day
)

select
    row_number() over (
        order by spans.child_id, spans.service_id, spans.day, spans.kind, spans.period, spans.enrolment_id
    ) as span_id,
    spans.*,
    case when not payers.is_shared then payers.payer_id end as payer_id,
    coalesce(payers.is_shared, false) as is_shared
from spans
left join payers
    on spans.enrolment_id = payers.enrolment_id
    and spans.kind = payers.kind
    and spans.period = payers.period
    and spans.day = payers.day
