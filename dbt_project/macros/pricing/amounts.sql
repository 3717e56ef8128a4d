{# What is multiplied keeps twelve decimals, so that only the line is rounded (house rule 6). #}
{% macro exact(expression) -%}
    cast({{ expression }} as decimal(24, 12))
{%- endmacro %}

{# An exact ratio of two integers, never negative, with twelve decimals (or fewer), half up. #}
{% macro exact_ratio(number, divisor, scale=12) -%}
    {{ return(adapter.dispatch('exact_ratio', 'marelle')(number, divisor, scale)) }}
{%- endmacro %}

{% macro duckdb__exact_ratio(number, divisor, scale) -%}
    {{ exact(
        "cast((2 * cast(" ~ 10 ** scale ~ " as hugeint) * (" ~ number ~ ") + (" ~ divisor ~ ")) // (2 * cast("
        ~ divisor ~ " as hugeint)) as decimal(24, 0)) * cast(" ~ "%.*f" | format(scale, 1 / 10 ** scale)
        ~ " as decimal(" ~ (scale + 1) ~ ", " ~ scale ~ "))"
    ) }}
{%- endmacro %}

{% macro spark__exact_ratio(number, divisor, scale) -%}
    {{ exact(
        "round(cast(" ~ number ~ " as decimal(28, 0)) / cast(" ~ divisor ~ " as decimal(10, 0)), " ~ scale ~ ")"
    ) }}
{%- endmacro %}

{# The one place where a line is rounded: half up, to the cent. #}
{% macro to_the_cent(amount) -%}
    cast(round({{ amount }}, 2) as decimal(12, 2))
{%- endmacro %}

{# A price with twelve decimals as a whole number of trillionths of a euro. #}
{% macro trillionths(price) -%}
    {{ return(adapter.dispatch('trillionths', 'marelle')(price)) }}
{%- endmacro %}

{% macro duckdb__trillionths(price) -%}
    cast({{ price }} * cast(1000000000000 as decimal(13, 0)) as hugeint)
{%- endmacro %}

{% macro spark__trillionths(price) -%}
    cast({{ price }} * cast(1000000000000 as decimal(13, 0)) as decimal(28, 0))
{%- endmacro %}

{# Units × unit price; hours come from their minutes, so that no rounded number of hours is multiplied;
   `minutes_over`: over how many equal months the minutes are spread. #}
{% macro line_total(unit, units, minutes, unit_price, minutes_over='1') -%}
    case
        when {{ unit }} = 'hour'
            then {{ exact(
                "sign(" ~ unit_price ~ ") * "
                ~ exact_ratio(trillionths("abs(" ~ unit_price ~ ")") ~ " * " ~ minutes, "(60000000000000 * " ~ minutes_over ~ ")")
            ) }}
        else {{ exact(units ~ " * " ~ unit_price) }}
    end
{%- endmacro %}

{# A unit price on the version's step (in trillionths of a euro), half up (away from zero at the half) or always up or
   down; without a step it stays as it is. #}
{% macro on_step(unit_price, step, mode) -%}
    {%- set price = trillionths("abs(" ~ unit_price ~ ")") -%}
    case
        when {{ step }} is null then {{ unit_price }}
        else {{ exact(
            "sign(" ~ unit_price ~ ") * cast(case " ~ mode
            ~ " when 'up' then " ~ whole_division(price, step) ~ " + sign(" ~ price ~ " % " ~ step ~ ")"
            ~ " when 'down' then " ~ whole_division(price, step)
            ~ " else " ~ whole_division("2 * " ~ price ~ " + " ~ step, "2 * " ~ step)
            ~ " end as decimal(18, 0)) * cast(unit_step_e4 as decimal(9, 0)) * cast(0.0001 as decimal(5, 4))"
        ) }}
    end
{%- endmacro %}
