{# A service's whole rule of QF as one word, by which lines, QF and incomes meet: its code alone when the town says no
   more, else `code/day/backdating`, where day is month × 100 + day or nothing. #}
{% macro qf_rule_of(code, known_on, backdating) -%}
    case
        when {{ known_on }} is null and coalesce({{ backdating }}, 'from_effect') = 'from_effect' then {{ code }}
        else {{ code }} || '/' || coalesce(cast({{ known_on }} as varchar), '')
            || '/' || coalesce({{ backdating }}, 'from_effect')
    end
{%- endmacro %}

{# From when on a value that takes effect on a day counts by a rule: its own day, or not before the day or the month in
   which it was recorded. A correction mends what was wrong from its own day on, and the first that was ever known of
   somebody has nothing to go back on. #}
{% macro qf_counts_from(qf_rule, value) -%}
    case
        when {{ value }}.is_correction or {{ value }}.is_first then {{ value }}.effective_from
        when {{ slash_part(qf_rule, 3) }} = 'from_record'
            then greatest({{ value }}.effective_from, {{ value }}.recorded_on)
        when {{ slash_part(qf_rule, 3) }} = 'from_record_month'
            then greatest({{ value }}.effective_from, {{ month_of(value ~ '.recorded_on') }})
        else {{ value }}.effective_from
    end
{%- endmacro %}

{# The day from which one QF holds, by the service's rule: the day itself, the first of its month, or the 1 September
   (or 1 January) before; « january » is the rule of bodies that aid too. #}
{% macro qf_period_start(qf_rule, day) -%}
    case
        when {{ slash_part(qf_rule, 1) }} = 'on_day' then {{ day }}
        when {{ slash_part(qf_rule, 1) }} = 'month_start'
            then make_date(extract(year from {{ day }}), extract(month from {{ day }}), 1)
        when {{ slash_part(qf_rule, 1) }} = 'january' then make_date(extract(year from {{ day }}), 1, 1)
        when extract(month from {{ day }}) >= 9 then make_date(extract(year from {{ day }}), 9, 1)
        when {{ slash_part(qf_rule, 1) }} = 'january_september' then make_date(extract(year from {{ day }}), 1, 1)
        else make_date(extract(year from {{ day }}) - 1, 9, 1)
    end
{%- endmacro %}

{# The day whose QF is taken for a period that begins on a day: that day, or the last one before that the rule names. #}
{% macro qf_reference_day(qf_rule, start_day) -%}
    {%- set known_on = "cast(nullif(" ~ slash_part(qf_rule, 2) ~ ", '') as integer)" -%}
    case
        when coalesce({{ slash_part(qf_rule, 2) }}, '') = '' then {{ start_day }}
        else make_date(
            extract(year from {{ start_day }}) - case
                when {{ known_on }} > extract(month from {{ start_day }}) * 100 + extract(day from {{ start_day }})
                    then 1
                else 0
            end,
            {{ whole_division(known_on, '100') }},
            {{ known_on }} % 100
        )
    end
{%- endmacro %}
