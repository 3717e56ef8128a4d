-- A tap that is not an undo either counts for a child or waits in the worklist, or was taken back: none is lost. What is
-- published is asked: the models before it are gone from memory by then.
with accounted as (
    select tap_no from {{ ref('fct_taps') }}
    union all
    select taps.tap_no
    from {{ ref('stg_records__taps') }} as taps
    inner join {{ ref('fct_unresolved_taps') }} as unresolved on taps.tap_id = unresolved.tap_id
    union all
    select taps.tap_no
    from {{ ref('stg_records__taps') }} as taps
    inner join {{ ref('stg_records__taps') }} as undos on taps.tap_id = undos.undoes
    where undos.kind = 'undo'
)

select taps.tap_no
from {{ ref('stg_records__taps') }} as taps
where taps.kind <> 'undo' and taps.tap_no not in (select accounted.tap_no from accounted)
