select
    calendars.id as custody_calendar_id,
    coalesce(kept_people.kept_id, calendars.child_id) as child_id,
    {{ raw_date('calendars.valid_from') }} as valid_from,
    {{ raw_date('calendars.anchor_on') }} as anchor_on,
    {{ raw_text('calendars.pattern') }} as pattern,
    coalesce(kept_payers_1.kept_id, calendars.payer_1_id) as payer_1_id,
    coalesce(kept_payers_2.kept_id, calendars.payer_2_id) as payer_2_id
from {{ source('records', 'custody_calendar') }} as calendars
left join {{ source('build', 'kept_person') }} as kept_people on calendars.child_id = kept_people.id
left join {{ source('build', 'kept_payer') }} as kept_payers_1 on calendars.payer_1_id = kept_payers_1.id
left join {{ source('build', 'kept_payer') }} as kept_payers_2 on calendars.payer_2_id = kept_payers_2.id
