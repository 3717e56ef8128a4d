-- A row still under a merged person contradicted one of the person kept, and counts no more.
select
    id as coverage_id,
    {{ raw_text('ref') }} as coverage_ref,
    body_id,
    child_id,
    {{ raw_bigint('service_id') }} as service_id,
    nullif(trim({{ raw_text('decision_number') }}), '') as decision_number,
    {{ raw_text('state') }} as state,
    {{ raw_text('kind') }} as coverage_kind,
    {{ raw_text('form') }} as form,
    {{ raw_bigint('percent_e4') }} as percent_e4,
    {{ raw_bigint('amount_cents') }} as amount_cents,
    {{ raw_text('unit') }} as unit,
    {{ raw_bigint('unit_ceiling_cents') }} as unit_ceiling_cents,
    {{ raw_bigint('units_max') }} as units_max,
    {{ raw_bigint('year_units_max') }} as year_units_max,
    {{ raw_boolean('holidays_only') }} as is_holidays_only,
    {{ raw_bigint('ceiling_cents') }} as ceiling_cents,
    cast(rank as integer) as rank,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'coverage') }}
where child_id not in (select kept_people.id from {{ source('build', 'kept_person') }} as kept_people)
