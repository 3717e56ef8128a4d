-- Of the versions of one day the last stands; each holds until the next one begins.
with ranked as (
    select
        *,
        {{ raw_date('valid_from') }} as first_day,
        row_number() over (partition by structure_id, valid_from order by seq desc) as preference
    from {{ source('records', 'caf_setting') }}
)

select
    id as caf_setting_id,
    structure_id,
    first_day as valid_from,
    lead(first_day) over (partition by structure_id order by first_day) as valid_to,
    {{ raw_text('funding') }} as funding,
    cast(authorised_places as integer) as authorised_places,
    {{ raw_integer('authorised_under_6') }} as authorised_under_6,
    {{ raw_integer('authorised_from_6') }} as authorised_from_6,
    {{ raw_boolean('meals_provided') }} as meals_provided,
    {{ raw_boolean('diapers_provided') }} as diapers_provided,
    {{ raw_boolean('has_pedt') }} as has_pedt,
    {{ raw_boolean('has_plan_mercredi') }} as has_plan_mercredi,
    {{ raw_integer('reference_wednesday_minutes') }} as reference_wednesday_minutes,
    {{ raw_text('oversize_rounding') }} as oversize_rounding,
    {{ scaled(raw_integer('general_regime_e4'), 4, 5) }} as general_regime_rate,
    {{ raw_integer('walking_from_months') }} as walking_from_months
from ranked
where preference = 1
