-- The sum invoiced of each line, under the keys that its child and payer have today: a merge moves no money.
with groups as (
    select
        payer_id,
        {{ each_of('frozen.lines') }} as lines
    from {{ ref('int_billing__bodies') }}
),

alike as (
    select
        payer_id,
        lines.child as child_ref,
        lines.service as service_ref,
        lines.place as structure_ref,
        {{ each_of('lines.alike') }} as each_of_them
    from groups
),

days as (
    select
        payer_id,
        child_ref,
        service_ref,
        structure_ref,
        each_of_them.kind,
        each_of_them.amount - each_of_them.covered as cents,
        {{ each_of('each_of_them.days') }} as line
    from alike
),

adjustments as (
    select
        payer_id,
        {{ each_of('frozen.adjustments') }} as line
    from {{ ref('int_billing__bodies') }}
),

frozen as (
    select
        payer_id,
        child_ref,
        service_ref,
        structure_ref,
        line.day,
        kind,
        cents
    from days
    union all
    select
        payer_id,
        line.child,
        line.service,
        line.place,
        line.day,
        line.kind,
        line.now - line.before
    from adjustments
),

summed as (
    select
        frozen.payer_id,
        persons.kept_person_id as child_id,
        services.service_id,
        max(structures.structure_id) as structure_id,
        frozen.day,
        frozen.kind,
        sum(frozen.cents) as cents
    from frozen
    inner join {{ ref('stg_records__persons') }} as persons on frozen.child_ref = persons.person_ref
    inner join {{ ref('stg_records__services') }} as services on frozen.service_ref = services.service_ref
    inner join {{ ref('stg_records__structures') }} as structures on frozen.structure_ref = structures.structure_ref
    group by frozen.payer_id, persons.kept_person_id, services.service_id, frozen.day, frozen.kind
)

select
    {{ line_key('persons.person_ref', 'services.service_ref', 'summed.day', 'summed.kind', 'payers.payer_ref') }}
        as line_key,
    summed.payer_id,
    summed.child_id,
    summed.service_id,
    summed.structure_id,
    summed.day,
    {{ month_of('summed.day') }} as month,
    summed.kind,
    {{ scaled('summed.cents', 2) }} as invoiced_amount
from summed
inner join {{ ref('stg_records__persons') }} as persons on summed.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on summed.service_id = services.service_id
inner join {{ ref('stg_records__payers') }} as payers on summed.payer_id = payers.payer_id
