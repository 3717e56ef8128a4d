select
    structure_id,
    structure_ref,
    structure_label
from {{ ref('stg_records__structures') }}
