-- Of what was said of one day the last stands, and it holds until the next day that says something.
with said as (
    select
        rights.id,
        coalesce(kept_people.kept_id, rights.person_id) as child_id,
        {{ raw_date('rights.valid_from') }} as first_day,
        {{ raw_boolean('rights.is_open') }} as is_open
    from {{ source('records', 'aeeh_right') }} as rights
    left join {{ source('build', 'kept_person') }} as kept_people on rights.person_id = kept_people.id
),

-- Two merged people each had their own `seq`: the order in which rows were recorded is that of their ids.
ranked as (
    select
        *,
        row_number() over (partition by child_id, first_day order by id desc) as preference
    from said
),

followed as (
    select
        child_id,
        first_day as valid_from,
        lead(first_day) over (partition by child_id order by first_day) as valid_to,
        is_open
    from ranked
    where preference = 1
)

select
    child_id,
    valid_from,
    valid_to
from followed
where is_open
