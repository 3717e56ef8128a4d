-- The sure ones only: the report of duplicates (records.operations.duplicates) compares accents, typos, telephones.
with known_people as (
    select * from {{ ref('stg_records__persons') }}
    where person_id = kept_person_id and birth_date is not null
),

duplicates as (
    select
        people.person_id as child_id,
        others.person_id as other_id
    from known_people as people
    inner join known_people as others
        on upper(people.last_name) = upper(others.last_name)
        and upper(people.first_name) = upper(others.first_name)
        and people.birth_date = others.birth_date
        and people.person_id < others.person_id
)

{{ coherence_fault('duplicate', 'duplicates', {'person_id': 'child_id', 'other_id': 'other_id'}) }}
