select
    id as document_kind_id,
    {{ raw_text('ref') }} as document_kind_ref,
    {{ raw_text('label') }} as document_kind_label,
    {{ raw_text('about') }} as about,
    {{ raw_boolean('is_health') }} as is_health
from {{ source('records', 'document_kind') }}
