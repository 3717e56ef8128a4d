with pointed as (
    select
        *,
        {{ raw_bigint('payer_id') }} as chosen_payer_id
    from {{ source('records', 'custody_exception') }}
)

-- Two merged people each had their own `seq`: the order in which rows were recorded is that of their ids.
select
    pointed.id as custody_exception_id,
    coalesce(kept_people.kept_id, pointed.child_id) as child_id,
    {{ raw_date('pointed.day') }} as day,
    pointed.id as seq,
    coalesce(kept_payers.kept_id, pointed.chosen_payer_id) as payer_id
from pointed
left join {{ source('build', 'kept_person') }} as kept_people on pointed.child_id = kept_people.id
left join {{ source('build', 'kept_payer') }} as kept_payers on pointed.chosen_payer_id = kept_payers.id
