-- A line that is priced names a payer and the family of that payer.
select
    line_key,
    payer_ref,
    family_ref
from {{ ref('fct_priced_lines') }}
where fault is null and (payer_ref = '' or family_ref = '' or payer_id is null)
