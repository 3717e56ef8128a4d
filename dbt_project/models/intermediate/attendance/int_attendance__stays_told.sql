with stays as (
    select * from {{ ref('int_attendance__stays_settled') }}
),

classes as (
    select
        stays.child_id,
        stays.day,
        school_classes.class_label,
        row_number() over (
            partition by stays.child_id, stays.day
            order by memberships.valid_from desc, memberships.class_membership_id desc
        ) as preference
    from (select distinct child_id, day from stays) as stays
    inner join {{ ref('stg_records__class_memberships') }} as memberships
        on stays.child_id = memberships.person_id
        and memberships.valid_from <= stays.day
        and (memberships.valid_to is null or stays.day < memberships.valid_to)
    inner join {{ ref('stg_records__school_classes') }} as school_classes
        on memberships.class_id = school_classes.class_id
)

select
    stays.child_id,
    stays.service_id,
    stays.structure_id,
    classes.class_label,
    stays.day,
    stays.stay_no,
    stays.arrived_at,
    stays.left_at,
    stays.arrived_minute,
    stays.left_minute,
    stays.is_open,
    stays.is_departure_derived,
    stays.is_arrival_derived,
    coalesce(expected.is_expected, false) as was_expected
from stays
left join classes on stays.child_id = classes.child_id and stays.day = classes.day and classes.preference = 1
left join {{ ref('int_attendance__expected') }} as expected
    on stays.child_id = expected.child_id
    and stays.service_id = expected.service_id
    and stays.day = expected.day
