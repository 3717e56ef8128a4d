{# Whether a pattern of an enrolment names a day: its weekday, its dates, its week of the cycle. Source: domain notes §5. #}
{% macro pattern_names_day(patterns, days) -%}
    {{ days }}.weekday = {{ patterns }}.weekday
    and {{ patterns }}.valid_from <= {{ days }}.day
    and ({{ patterns }}.valid_to is null or {{ days }}.day < {{ patterns }}.valid_to)
    and (
        {{ patterns }}.cycle_anchor_on is null
        or {{ patterns }}.week_cycle
        = case when {{ cycle_day(patterns ~ '.cycle_anchor_on', days ~ '.day') }} < 7 then 'A' else 'B' end
    )
{%- endmacro %}
