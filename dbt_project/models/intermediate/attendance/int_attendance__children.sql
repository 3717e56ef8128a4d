-- Adults eat at the canteen too: who is counted as a child is whoever some file has as one.
select distinct person_id as child_id
from {{ ref('stg_records__family_members') }}
where role = 'child'
