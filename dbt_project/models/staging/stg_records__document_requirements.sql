select
    id as document_requirement_id,
    kind_id as document_kind_id,
    {{ raw_bigint('service_id') }} as service_id,
    {{ raw_boolean('is_mandatory') }} as is_mandatory,
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from {{ source('records', 'document_requirement') }}
