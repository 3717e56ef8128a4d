-- House rule 6: no model of pricing, billing or caf has a DOUBLE (or FLOAT) column. DECIMAL / DECIMAL makes one.
select
    table_schema,
    table_name,
    column_name,
    data_type
from information_schema.columns
where
    table_schema in ('staging', 'intermediate', 'marts')
    and (data_type like '%DOUBLE%' or data_type like '%FLOAT%')
-- depends_on: {{ ref('fct_priced_lines') }} {{ ref('fct_pricing_faults') }} {{ ref('fct_caf_hours') }}
-- depends_on: {{ ref('fct_meals') }} {{ ref('fct_meal_forecast') }} {{ ref('fct_meal_accuracy') }} {{ ref('fct_meal_ledger') }} {{ ref('fct_stays') }}
