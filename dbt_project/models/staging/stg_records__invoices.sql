select
    id as invoice_id,
    draft_id
from {{ source('records', 'invoice') }}
