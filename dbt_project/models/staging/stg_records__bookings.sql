-- Two merged people each had their own `seq`: the order in which rows were recorded is that of their ids.
select
    bookings.id as booking_id,
    coalesce(kept_people.kept_id, bookings.person_id) as child_id,
    bookings.service_id,
    bookings.structure_id,
    {{ raw_date('bookings.day') }} as day,
    bookings.id as seq,
    {{ raw_text('bookings.action') }} as action,
    {{ raw_text('bookings.formula') }} as formula_code,
    {{ raw_integer('bookings.start_minute') }} as start_minute,
    {{ raw_integer('bookings.end_minute') }} as end_minute,
    {{ raw_date('bookings.received_on') }} as received_on,
    {{ raw_integer('bookings.received_minute') }} as received_minute,
    {{ raw_boolean('bookings.is_late') }} as is_late
from {{ source('records', 'booking') }} as bookings
left join {{ source('build', 'kept_person') }} as kept_people on bookings.person_id = kept_people.id
