{# The value of the row that is last by an integer. #}
{% macro last_by(value, ordinal) -%}
    {{ return(adapter.dispatch('last_by', 'marelle')(value, ordinal)) }}
{%- endmacro %}

{% macro duckdb__last_by(value, ordinal) -%}
    arg_max({{ value }}, {{ ordinal }})
{%- endmacro %}

{% macro spark__last_by(value, ordinal) -%}
    max_by({{ value }}, {{ ordinal }})
{%- endmacro %}

{# The value of the row that is first in an order of several columns. #}
{% macro first_by(value, order_by) -%}
    {{ return(adapter.dispatch('first_by', 'marelle')(value, order_by)) }}
{%- endmacro %}

{% macro duckdb__first_by(value, order_by) -%}
    arg_min({{ value }}, row({{ order_by | join(", ") }}))
{%- endmacro %}

{% macro spark__first_by(value, order_by) -%}
    min_by({{ value }}, struct({{ order_by | join(", ") }}))
{%- endmacro %}

{# The last value that is not null among the rows of a group, in order, up to a bound. #}
{% macro last_known(value, group, order_by, bound) -%}
    {{ return(adapter.dispatch('last_known', 'marelle')(value, group, order_by, bound)) }}
{%- endmacro %}

{% macro duckdb__last_known(value, group, order_by, bound) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ group }} order by {{ order_by }} rows between unbounded preceding and {{ bound }}
    )
{%- endmacro %}

{% macro spark__last_known(value, group, order_by, bound) -%}
    last_value({{ value }}, true) over (
        partition by {{ group }} order by {{ order_by }} rows between unbounded preceding and {{ bound }}
    )
{%- endmacro %}

{# A list of structures, in order; `fields` maps each name to its expression and comes first-to-last. #}
{% macro list_of(fields, order_by) -%}
    {{ return(adapter.dispatch('list_of', 'marelle')(fields, order_by)) }}
{%- endmacro %}

{# An ordered aggregate sorts within each group at twice the cost of sorting the lists: so as on Spark. Structures that
   begin with what orders them need nothing else. #}
{% macro duckdb__list_of(fields, order_by) -%}
    {%- if order_by == [fields.values() | first] -%}
    list_sort(list({% raw %}{{% endraw %}
        {%- for name, expression in fields.items() %}'{{ name }}': {{ expression }}{{ ", " if not loop.last }}{% endfor -%}
    {% raw %}}{% endraw %}))
    {%- else -%}
    list_transform(
        list_sort(list({% raw %}{{% endraw %}
            {%- for expression in order_by %}'_{{ loop.index }}': {{ expression }}, {% endfor -%}
            {%- for name, expression in fields.items() %}'{{ name }}': {{ expression }}{{ ", " if not loop.last }}{% endfor -%}
        {% raw %}}{% endraw %})),
        lambda entry: {% raw %}{{% endraw %}
            {%- for name in fields %}'{{ name }}': entry.{{ name }}{{ ", " if not loop.last }}{% endfor -%}
        {% raw %}}{% endraw %}
    )
    {%- endif -%}
{%- endmacro %}

{# Spark sorts structures by their fields: the order comes first in each, and is dropped afterwards. #}
{% macro spark__list_of(fields, order_by) -%}
    transform(
        array_sort(collect_list(named_struct(
            {%- for expression in order_by %}'_{{ loop.index }}', {{ expression }}, {% endfor -%}
            {%- for name, expression in fields.items() %}'{{ name }}', {{ expression }}{{ ", " if not loop.last }}{% endfor -%}
        ))),
        entry -> named_struct(
            {%- for name in fields %}'{{ name }}', entry.{{ name }}{{ ", " if not loop.last }}{% endfor -%}
        )
    )
{%- endmacro %}

{# Distinct texts joined in alphabetical order. #}
{% macro joined_text(value, separator) -%}
    {{ return(adapter.dispatch('joined_text', 'marelle')(value, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_text(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{% macro spark__joined_text(value, separator) -%}
    array_join(array_sort(collect_set({{ value }})), '{{ separator }}')
{%- endmacro %}
