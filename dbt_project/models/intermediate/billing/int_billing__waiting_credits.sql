-- Credits kept for their own service that nothing has used yet: never above zero.
with asides as (
    select
        payer_id,
        {{ each_of('frozen.aside') }} as aside
    from {{ ref('int_billing__bodies') }}
)

select
    asides.payer_id,
    services.service_id,
    {{ scaled('sum(asides.aside.cents)', 2) }} as waiting_amount
from asides
inner join {{ ref('stg_records__services') }} as services on asides.aside.service = services.service_ref
group by asides.payer_id, services.service_id
having sum(asides.aside.cents) <> 0
