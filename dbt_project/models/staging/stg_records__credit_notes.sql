select
    id as credit_note_id,
    invoice_id,
    {{ raw_boolean('bills_again') }} as bills_again
from {{ source('records', 'credit_note') }}
