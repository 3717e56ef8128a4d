{# What was frozen in a draft's body (records.models.InvoiceDraft), as lists of structures. #}
{% macro frozen_body(body) -%}
    {{ return(adapter.dispatch('frozen_body', 'marelle')(body)) }}
{%- endmacro %}

{% macro duckdb__frozen_body(body) -%}
    from_json({{ body }}, '{
        "lines": [{
            "child": "varchar", "service": "varchar", "place": "varchar",
            "alike": [{"kind": "varchar", "amount": "bigint", "covered": "bigint", "days": [{"day": "date"}]}]
        }],
        "adjustments": [{
            "child": "varchar", "service": "varchar", "place": "varchar", "day": "date", "kind": "varchar",
            "before": "bigint", "now": "bigint"
        }],
        "aside": [{"service": "varchar", "cents": "bigint"}]
    }')
{%- endmacro %}

{% macro spark__frozen_body(body) -%}
    from_json({{ body }}, '
        lines array<struct<child: string, service: string, place: string,
            alike: array<struct<kind: string, amount: bigint, covered: bigint, days: array<struct<day: date>>>>>>,
        adjustments array<struct<child: string, service: string, place: string, day: date, kind: string,
            before: bigint, now: bigint>>,
        aside array<struct<service: string, cents: bigint>>
    ')
{%- endmacro %}

{# One row per element of a list; stands in a select list. #}
{% macro each_of(list) -%}
    {{ return(adapter.dispatch('each_of', 'marelle')(list)) }}
{%- endmacro %}

{% macro duckdb__each_of(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__each_of(list) -%}
    explode({{ list }})
{%- endmacro %}
