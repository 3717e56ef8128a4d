select
    holidays.id as custody_holiday_id,
    coalesce(kept_people.kept_id, holidays.child_id) as child_id,
    {{ raw_text('holidays.holiday') }} as holiday,
    {{ raw_date('holidays.valid_from') }} as valid_from,
    cast(holidays.anchor_year as integer) as anchor_year,
    {{ raw_boolean('holidays.alternates') }} as alternates,
    coalesce(first_payers.kept_id, holidays.first_payer_id) as first_payer_id,
    coalesce(second_payers.kept_id, holidays.second_payer_id) as second_payer_id
from {{ source('records', 'custody_holiday') }} as holidays
left join {{ source('build', 'kept_person') }} as kept_people on holidays.child_id = kept_people.id
left join {{ source('build', 'kept_payer') }} as first_payers on holidays.first_payer_id = first_payers.id
left join {{ source('build', 'kept_payer') }} as second_payers on holidays.second_payer_id = second_payers.id
