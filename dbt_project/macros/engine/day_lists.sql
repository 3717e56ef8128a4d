{# The days of lines alike, in order, of columns of these names. #}
{% macro days_alike() -%}
    {{ return(adapter.dispatch('days_alike', 'marelle')()) }}
{%- endmacro %}

{# DuckDB gathers numbers at a tenth of what it gathers structures at: a day is one number until its list is whole. A
   minute has 16 bits, 0 for none; a kind of day that is not of these is an error. #}
{% macro duckdb__days_alike() -%}
    {%- set kinds = "'school_day', 'wednesday', 'holiday', 'weekend'" -%}
    list_transform(
        list_sort(list(
            (((((day - date '1900-01-01')
            * 65536 + coalesce(arrived_minute + cast(1 as bigint), 0))
            * 65536 + coalesce(left_minute + 1, 0))
            * 8 + coalesce(enum_code(cast(day_kind as enum({{ kinds }}))) + 1, 0))
            * 2 + cast(is_arrival_derived as integer))
            * 2 + cast(is_departure_derived as integer)
        )),
        lambda packed : {% raw %}{{% endraw %}
            'day': date '1900-01-01' + cast(packed >> 37 as integer),
            'day_kind': [{{ kinds }}][(packed >> 2) & 7],
            'arrived_minute': cast(nullif((packed >> 21) & 65535, 0) - 1 as integer),
            'left_minute': cast(nullif((packed >> 5) & 65535, 0) - 1 as integer),
            'is_arrival_derived': packed & 2 = 2,
            'is_departure_derived': packed & 1 = 1
        {% raw %}}{% endraw %}
    )
{%- endmacro %}

{% macro spark__days_alike() -%}
    {%- set names = ['day', 'day_kind', 'arrived_minute', 'left_minute', 'is_arrival_derived', 'is_departure_derived'] -%}
    {%- set fields = {} -%}
    {%- for name in names %}{% do fields.update({name: name}) %}{% endfor -%}
    {{ spark__list_of(fields, ['day']) }}
{%- endmacro %}
