select
    draft_id,
    carried_id
from {{ source('records', 'carried_draft') }}
