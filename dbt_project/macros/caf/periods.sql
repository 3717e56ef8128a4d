{# The period of a declaration that a day belongs to (CASF R227-1): Wednesdays are périscolaire, holidays and days
   without school are not. Early childhood knows one period. #}
{% macro caf_period(service_days) -%}
    case
        when {{ service_days }}.caf_kind = 'eaje' then 'all_year'
        when {{ service_days }}.caf_kind in ('extrascolaire', 'youth') then case
            when {{ service_days }}.day_kind = 'weekend' then 'saturday'
            when {{ service_days }}.day_kind = 'holiday' and extract(month from {{ service_days }}.day) in (7, 8) then 'summer'
            when {{ service_days }}.day_kind = 'holiday' then 'small_holidays'
            when {{ service_days }}.weekday = 2 then 'wednesday'
            else 'periscolaire_day'
        end
        when {{ service_days }}.caf_kind = 'periscolaire_wednesday' then 'wednesday'
        else 'periscolaire_day'
    end
{%- endmacro %}

{# The parts of a year that are declared, each from January to the end of a month. #}
{% macro caf_parts() -%}
    select 'year' as period, 12 as last_month
    union all
    select 'jan_jun' as period, 6 as last_month
    union all
    select 'jan_sep' as period, 9 as last_month
{%- endmacro %}

{# What accounts and amounts are told apart by: early childhood, and the three kinds of leisure centre. #}
{% macro caf_activity(caf_kind) -%}
    case when {{ caf_kind }} like 'periscolaire%' then 'periscolaire' else {{ caf_kind }} end
{%- endmacro %}
