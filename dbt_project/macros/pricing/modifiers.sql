{# How many modifiers a line may have; one more is a named fault (too_many_modifiers). #}
{% macro modifier_places() -%}
    {{ return(range(1, 9)) }}
{%- endmacro %}

{# What one modifier makes of a price or of a line: what is taken off leaves nothing at the least, never less. #}
{% macro modified(value, place, applies_to) -%}
    case
        when applies_to_{{ place }} is null or applies_to_{{ place }} <> '{{ applies_to }}' then {{ value }}
        when form_{{ place }} = 'add' then greatest(0, {{ value }} + amount_{{ place }})
        when form_{{ place }} = 'percent'
            then {{ exact("round(cast(" ~ value ~ " * (cast(1 as decimal(12, 6)) + percent_" ~ place ~ ") as decimal(36, 18)), 12)") }}
        when form_{{ place }} = 'replace' then amount_{{ place }}
        when form_{{ place }} = 'minimum' then greatest({{ value }}, amount_{{ place }})
        else least({{ value }}, amount_{{ place }})
    end
{%- endmacro %}

{# What each modifier changed, in order: on the unit price, then on the line. #}
{% macro price_steps() -%}
    {{ return(adapter.dispatch('price_steps', 'marelle')()) }}
{%- endmacro %}

{% macro duckdb__price_steps() -%}
    [
        step for step in [
            {%- for place in modifier_places() %}
            {% raw %}{{% endraw %}
                'ordinal': ordinal_{{ place }},
                'label': rule_label_{{ place }},
                'form': form_{{ place }},
                'applies_to': applies_to_{{ place }},
                'before': case when applies_to_{{ place }} = 'unit' then unit_{{ place - 1 }} else line_{{ place - 1 }} end,
                'after': case when applies_to_{{ place }} = 'unit' then unit_{{ place }} else line_{{ place }} end
            {% raw %}}{% endraw %}{{ "," if not loop.last }}
            {%- endfor %}
        ]
        if step.ordinal is not null
    ]
{%- endmacro %}

{% macro spark__price_steps() -%}
    filter(
        array(
            {%- for place in modifier_places() %}
            named_struct(
                'ordinal', ordinal_{{ place }}, 'label', rule_label_{{ place }}, 'form', form_{{ place }},
                'applies_to', applies_to_{{ place }},
                'before', case when applies_to_{{ place }} = 'unit' then unit_{{ place - 1 }} else line_{{ place - 1 }} end,
                'after', case when applies_to_{{ place }} = 'unit' then unit_{{ place }} else line_{{ place }} end
            ){{ "," if not loop.last }}
            {%- endfor %}
        ),
        step -> step.ordinal is not null
    )
{%- endmacro %}

{# A line that nothing modifies. #}
{% macro no_steps() -%}
    cast(null as {{ price_steps_type() }})
{%- endmacro %}

{% macro price_steps_type() -%}
    {{ return(adapter.dispatch('price_steps_type', 'marelle')()) }}
{%- endmacro %}

{% macro duckdb__price_steps_type() -%}
    struct(
        ordinal integer, "label" varchar, form varchar, applies_to varchar, "before" decimal(24, 12),
        "after" decimal(24, 12)
    )[]
{%- endmacro %}

{% macro spark__price_steps_type() -%}
    array<struct<
        ordinal: int, label: string, form: string, applies_to: string, before: decimal(24, 12),
        after: decimal(24, 12)
    >>
{%- endmacro %}

{# What the last modifier of the line left; null when none changed it. #}
{% macro last_line_step(steps) -%}
    {{ return(adapter.dispatch('last_line_step', 'marelle')(steps)) }}
{%- endmacro %}

{% macro duckdb__last_line_step(steps) -%}
    ([step."after" for step in {{ steps }} if step.applies_to = 'line'])[-1]
{%- endmacro %}

{% macro spark__last_line_step(steps) -%}
    element_at(filter({{ steps }}, step -> step.applies_to = 'line'), -1).after
{%- endmacro %}
