-- A line that another replaces counts no more.
with replaced as (
    select {{ raw_bigint('replaces_id') }} as replaced_id
    from {{ source('records', 'accounting_line') }}
    where {{ raw_bigint('replaces_id') }} is not null
)

select
    id as accounting_line_id,
    structure_id,
    cast(year as integer) as accounting_year,
    {{ raw_text('account') }} as account,
    {{ raw_text('label') }} as line_label,
    {{ raw_text('nature') }} as nature,
    {{ raw_text('period') }} as period,
    {{ raw_text('activity') }} as activity,
    amount_cents
from {{ source('records', 'accounting_line') }}
where not exists (select 1 from replaced where replaced.replaced_id = accounting_line.id)
