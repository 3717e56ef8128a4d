{# A service's whole rule of QF as one word, by which lines, QF and incomes meet: its code alone when the town says no
   more, else `code/day/backdating`, where day is month × 100 + day or nothing. #}
{% macro qf_rule_of(code, known_on, backdating) -%}
    case
        when {{ known_on }} is null and coalesce({{ backdating }}, 'from_effect') = 'from_effect' then {{ code }}
        else {{ code }} || '/' || coalesce(cast({{ known_on }} as varchar), '')
            || '/' || coalesce({{ backdating }}, 'from_effect')
    end
{%- endmacro %}

{# The rules of QF of a query, each in its three parts; the day on which the QF is looked at (month × 100 + day) and the
   backdating are null where the town says no more than the code. #}
{% macro qf_rules(words) -%}
    select
        qf_rule,
        {{ slash_part('qf_rule', 1) }} as period,
        cast(nullif({{ slash_part('qf_rule', 2) }}, '') as integer) as known_on,
        {{ slash_part('qf_rule', 3) }} as backdating
    from ({{ words }}) as words
{%- endmacro %}

{# From when on a value that takes effect on a day counts by a rule: its own day, or not before the day or the month in
   which it was recorded. A correction mends what was wrong from its own day on, and the first that was ever known of
   somebody has nothing to go back on. #}
{% macro qf_counts_from(backdating, value) -%}
    case
        when {{ value }}.is_correction or {{ value }}.is_first then {{ value }}.effective_from
        when {{ backdating }} = 'from_record' then greatest({{ value }}.effective_from, {{ value }}.recorded_on)
        when {{ backdating }} = 'from_record_month'
            then greatest({{ value }}.effective_from, {{ month_of(value ~ '.recorded_on') }})
        else {{ value }}.effective_from
    end
{%- endmacro %}

{# The day from which one QF holds, by the period of the rule: the first of the month, or the 1 September (or 1 January)
   before; « january » is the rule of bodies that aid too. By « on_day » nothing lasts: it is each day itself. #}
{% macro qf_period_start(period, day) -%}
    case {{ period }}
        when 'month_start' then {{ month_of(day) }}
        when 'january' then {{ first_january(day) }}
        when 'january_september' then greatest({{ first_january(day) }}, {{ first_september(day) }})
        else {{ first_september(day) }}
    end
{%- endmacro %}

{% macro first_january(day) -%}
    cast(date_trunc('year', {{ day }}) as date)
{%- endmacro %}

{# Eight months before the 1 September is the 1 January. #}
{% macro first_september(day) -%}
    cast(date_trunc('year', {{ day }} - interval 8 month) + interval 8 month as date)
{%- endmacro %}

{# The day of that year on which a rule looks at the QF; null when it looks at the first day of its period. #}
{% macro qf_known_day(known_on, start_day) -%}
    make_date(extract(year from {{ start_day }}), {{ whole_division(known_on, '100') }}, {{ known_on }} % 100)
{%- endmacro %}

{# The day whose QF is taken for a period that begins on a day: that day, or the last one before that the rule names. #}
{% macro qf_reference_day(known_day, start_day) -%}
    case
        when {{ known_day }} <= {{ start_day }} then {{ known_day }}
        else coalesce(cast({{ known_day }} - interval 1 year as date), {{ start_day }})
    end
{%- endmacro %}
