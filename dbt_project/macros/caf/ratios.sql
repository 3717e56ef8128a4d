{# An exact ratio of two integers of any sign, half up away from zero, as a decimal. #}
{% macro signed_ratio(number, divisor, scale, precision=18) -%}
    cast(
        sign({{ number }}) * cast({{ exact_ratio("abs(" ~ number ~ ")", divisor, scale) }} as decimal({{ precision }}, {{ scale }}))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}

{# Hours, to the hundredth, of minutes with four decimals or none. #}
{% macro hours_of(minutes) -%}
    {{ signed_ratio("cast((" ~ minutes ~ ") * 10000 as bigint)", "600000", 2) }}
{%- endmacro %}

{# Hundredths of a decimal with two decimals: a whole number that ratios are made of. #}
{% macro hundredths(number) -%}
    cast(({{ number }}) * 100 as bigint)
{%- endmacro %}

{# A percentage of two decimals with two decimals each, exact to twelve; null without a divisor. #}
{% macro percent_of(number, divisor) -%}
    case
        when {{ divisor }} > 0
            then {{ exact_ratio("100 * " ~ hundredths(number), hundredths(divisor)) }}
    end
{%- endmacro %}

{# What is missing, by its name and the day it is asked for. #}
{% macro parameter_fault(parameter_id, caf_year) -%}
    'parameter_missing ' || {{ parameter_id }} || ' ' || cast({{ caf_year }} as varchar) || '-12-31'
{%- endmacro %}

{# Why an activity has no cost of an hour; null when it has one. #}
{% macro cost_fault() -%}
    case
        when not is_over then {{ accounts_fault('part_unfinished') }}
        when charge_cents is null then {{ accounts_fault('accounts_missing') }}
        when cost_per_hour is null then {{ accounts_fault('accounts_negative') }}
    end
{%- endmacro %}

{# What is missing of the accounts of a year or of its first months: « accounts_missing 2026 jan_sep ». #}
{% macro accounts_fault(code) -%}
    '{{ code }} ' || cast(caf_year as varchar) || case when caf_part = 'year' then '' else ' ' || caf_part end
{%- endmacro %}
