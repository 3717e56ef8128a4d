{{ config(materialized='view') }}

-- A row a day of the lines alike that the next invoices rest on, and of those that wait.
with days as (
    select
        told.*,
        due.status,
        due.covered_amount,
        due.due_amount,
        {{ each_of('told.days') }} as on_day
    from {{ ref('int_billing__told') }} as due
    inner join {{ ref('int_pricing__told') }} as told on due.line_key = told.line_key
)

select
    {{ line_key('child_ref', 'service_ref', 'on_day.day', 'kind', 'payer_ref') }} as line_key,
    month,
    on_day.day,
    status,
    payer_ref,
    child_ref,
    child_first_name,
    child_last_name,
    service_ref,
    service_label,
    structure_ref,
    structure_label,
    kind,
    unit,
    units,
    unit_price,
    amount,
    covered_amount,
    due_amount
from days
