-- What each draft of an issued run froze, unless it is billed anew.
select
    draft_id,
    payer_id,
    {{ frozen_body('body') }} as frozen
from {{ ref('int_billing__drafts') }}
where not is_undone
