with
-- A body's scale of aids asks for a QF by a rule of its own.
{{ effective_ranges(
    ref('stg_records__qfs'), 'qf_id', "standing.qf_source <> 'default'",
    "select scales.qf_day as qf_rule from " ~ ref('stg_records__aid_scales') ~ " as scales"
) }}

select
    held.payer_id,
    held.qf_rule,
    held.valid_from,
    held.valid_to,
    qfs.qf_id,
    qfs.qf_value,
    qfs.qf_source,
    qfs.effective_from as qf_effective_from
from held
inner join facts as qfs on held.qf_id = qfs.qf_id
