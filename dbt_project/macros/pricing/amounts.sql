{# Units begun: a unit is due as soon as more than the tolerance of it has passed (the service's règlement). #}
{% macro units_begun(minutes, rounding_minutes, tolerance_minutes) -%}
    cast(
        {{ whole_division(
            "greatest(0, " ~ minutes ~ " - " ~ tolerance_minutes ~ ") + " ~ rounding_minutes ~ " - 1",
            rounding_minutes
        ) }}
        as integer
    )
{%- endmacro %}

{# The one place where a price is rounded: units × unit price, half up, to the cent (house rule 6). #}
{% macro line_amount(units, unit_price) -%}
    cast(round(cast({{ units }} as decimal(9, 0)) * {{ unit_price }}, 2) as decimal(12, 2))
{%- endmacro %}
