{# The days of lines alike, in order, of columns of these names. #}
{% macro days_alike() -%}
    {{ return(adapter.dispatch('days_alike', 'marelle')()) }}
{%- endmacro %}

{# DuckDB gathers numbers at a tenth of what it gathers structures at: a day is one number of 63 bits until its list is
   whole. From the first: the day of the month, 5 bits; the minutes billed, 20; those begun, of the arrival and of the
   departure, 11 each, all with 0 for none; the kind of day, 3; two flags. What does not fit is an error. #}
{% macro duckdb__days_alike() -%}
    {%- set kinds = "'school_day', 'wednesday', 'holiday', 'weekend'" -%}
    list_transform(
        list_sort(list(
            ((((((day - month)
            * 1048576 + {{ packed_number('billed_minutes', 1048576) }})
            * 2048 + {{ packed_number('begun_minutes', 2048) }})
            * 2048 + {{ packed_number('arrived_minute', 2048) }})
            * 2048 + {{ packed_number('left_minute', 2048) }})
            * 8 + coalesce(enum_code(cast(day_kind as enum({{ kinds }}))) + 1, 0))
            * 4 + cast(is_arrival_derived as integer) * 2 + cast(is_departure_derived as integer)
        )),
        lambda packed : {% raw %}{{% endraw %}
            'day': month + cast(packed >> 58 as integer),
            'day_kind': [{{ kinds }}][(packed >> 2) & 7],
            'arrived_minute': cast(nullif((packed >> 16) & 2047, 0) - 1 as integer),
            'left_minute': cast(nullif((packed >> 5) & 2047, 0) - 1 as integer),
            'is_arrival_derived': packed & 2 = 2,
            'is_departure_derived': packed & 1 = 1,
            'billed_minutes': cast(nullif((packed >> 38) & 1048575, 0) - 1 as integer),
            'begun_minutes': cast(nullif((packed >> 27) & 2047, 0) - 1 as integer)
        {% raw %}}{% endraw %}
    )
{%- endmacro %}

{# A number that may be missing, in as many bits as numbers below `end` take. #}
{% macro packed_number(number, end) -%}
    case
        when {{ number }} < 0 or {{ number }} >= {{ end - 1 }} then error('{{ number }} : ' || {{ number }})
        else coalesce({{ number }} + cast(1 as bigint), 0)
    end
{%- endmacro %}

{% macro spark__days_alike() -%}
    {%- set names = ['day', 'day_kind', 'arrived_minute', 'left_minute', 'is_arrival_derived', 'is_departure_derived',
                    'billed_minutes', 'begun_minutes'] -%}
    {%- set fields = {} -%}
    {%- for name in names %}{% do fields.update({name: name}) %}{% endfor -%}
    {{ spark__list_of(fields, ['day']) }}
{%- endmacro %}
