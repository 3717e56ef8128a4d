{# Integer division that rounds down, for amounts that are never negative. #}
{% macro whole_division(number, divisor) -%}
    {{ return(adapter.dispatch('whole_division', 'marelle')(number, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_division(number, divisor) -%}
    (({{ number }}) // ({{ divisor }}))
{%- endmacro %}

{% macro spark__whole_division(number, divisor) -%}
    (({{ number }}) div ({{ divisor }}))
{%- endmacro %}

{# An exact ratio of two integers, never negative, rounded half up: DECIMAL / DECIMAL is DOUBLE in DuckDB. #}
{% macro ratio(number, divisor, scale, precision=12) -%}
    {%- set one = 10 ** scale -%}
    cast(
        cast(
            {{ whole_division("2 * " ~ one ~ " * cast(" ~ number ~ " as bigint) + (" ~ divisor ~ ")",
                              "2 * cast(" ~ divisor ~ " as bigint)") }}
            as decimal(18, 0)
        ) * cast({{ "%.*f" | format(scale, 1 / one) }} as decimal({{ scale + 1 }}, {{ scale }}))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}

{# A scaled integer (`_e2`, `_e4`) as the exact decimal it stands for. #}
{% macro scaled(column, scale, precision=12) -%}
    cast(
        cast({{ column }} as decimal(18, 0))
        * cast({{ "%.*f" | format(scale, 1 / 10 ** scale) }} as decimal({{ scale + 1 }}, {{ scale }}))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}

{% macro exclusive_or(left, right) -%}
    (({{ left }}) <> ({{ right }}))
{%- endmacro %}

{# Whether a bit mask has the bit of a weekday. #}
{% macro has_weekday(mask, weekday) -%}
    {{ return(adapter.dispatch('has_weekday', 'marelle')(mask, weekday)) }}
{%- endmacro %}

{% macro duckdb__has_weekday(mask, weekday) -%}
    ((({{ mask }} >> cast({{ weekday }} as integer)) & 1) = 1)
{%- endmacro %}

{% macro spark__has_weekday(mask, weekday) -%}
    (shiftright({{ mask }}, {{ weekday }}) & 1 = 1)
{%- endmacro %}

{# A number for each row, other at each run: for joins inside one build, where sorting wide rows would be for nothing. #}
{% macro row_numbers() -%}
    {{ return(adapter.dispatch('row_numbers', 'marelle')()) }}
{%- endmacro %}

{% macro duckdb__row_numbers() -%}
    row_number() over ()
{%- endmacro %}

{% macro spark__row_numbers() -%}
    monotonically_increasing_id()
{%- endmacro %}
