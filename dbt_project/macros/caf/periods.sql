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
