{# A share of an amount in whole cents, half up at the cent; what is taken back (below zero) rounds as its opposite. #}
{% macro share_of_cents(cents, number, divisor) -%}
    case
        when {{ cents }} < 0
            then -{{ whole_division("2 * -(" ~ cents ~ ") * (" ~ number ~ ") + (" ~ divisor ~ ")", "2 * (" ~ divisor ~ ")") }}
        else {{ whole_division("2 * (" ~ cents ~ ") * (" ~ number ~ ") + (" ~ divisor ~ ")", "2 * (" ~ divisor ~ ")") }}
    end
{%- endmacro %}

{# One body's turn: what each coverage of a level pays of what the levels before have left of its lines.
   Chained CTEs, each read once, so that the cost stays that of a few sorts a level. Every amount is whole cents. #}
{% macro coverage_level(level, before) -%}
    left_{{ level }} as (
        select
            *,
            level = {{ level }} as has_turn,
            line_cents - sum(paid_cents) over (partition by line_key) as left_cents
        from {{ before }}
    ),

    -- Lines of one unit (a day, a month, the whole) share it; one with something left opens it.
    placed_{{ level }} as (
        select
            *,
            row_number() over (
                partition by coverage_id, bucket_on, bucket
                order by has_turn and left_cents > 0 desc, day, line_key
            ) as place,
            case
                when has_turn and max(left_cents) over (partition by coverage_id, bucket_on, bucket) > 0
                    then max(quantity) over (partition by coverage_id, bucket_on, bucket)
                else 0
            end as wanted_quantity
        from left_{{ level }}
    ),

    -- Units of a calendar year, then of the whole range, are given in day order.
    of_year_{{ level }} as (
        select
            *,
            case
                when place > 1 then 0
                when year_quantity_max is null then wanted_quantity
                else greatest(0, least(wanted_quantity, year_quantity_max - coalesce(sum(
                    case when place = 1 then wanted_quantity else 0 end
                ) over (
                    partition by coverage_id, extract(year from day)
                    order by bucket_on, bucket, place
                    rows between unbounded preceding and 1 preceding
                ), 0)))
            end as year_quantity
        from placed_{{ level }}
    ),

    opened_{{ level }} as (
        select
            *,
            case
                when place > 1 then 0
                when quantity_max is null then year_quantity
                else greatest(0, least(year_quantity, quantity_max - coalesce(sum(year_quantity) over (
                    partition by coverage_id
                    order by bucket_on, bucket, place
                    rows between unbounded preceding and 1 preceding
                ), 0)))
            end as opened_quantity
        from of_year_{{ level }}
    ),

    limited_{{ level }} as (
        select
            *,
            max(opened_quantity) over (partition by coverage_id, bucket_on, bucket) as bucket_quantity
        from opened_{{ level }}
    ),

    wished_{{ level }} as (
        select
            *,
            case
                when not has_turn then 0
                -- What is given back: a body takes its share of it, by the hour no more than it pays an hour. A sum
                -- that is paid whatever the hours is not given back.
                when left_cents <= 0 and unit = 'hour' and unit_cents is not null
                    then greatest(
                        {{ share_of_cents('left_cents', 'coalesce(percent_e4, 10000)', '10000') }},
                        -({{ share_of_cents('unit_cents', 'quantity', 'quantities_a_unit') }})
                    )
                when left_cents <= 0 and percent_e4 is null then 0
                when left_cents <= 0 then {{ share_of_cents('left_cents', 'percent_e4', '10000') }}
                when wanted_quantity = 0 or bucket_quantity = 0 then 0
                when percent_e4 is not null
                    then {{ share_of_cents('left_cents', 'percent_e4 * bucket_quantity', '10000 * wanted_quantity') }}
                else left_cents
            end as wished_cents,
            case when unit_cents is not null then
                {{ share_of_cents('unit_cents', 'bucket_quantity', 'quantities_a_unit') }}
            end as bucket_cents
        from limited_{{ level }}
    ),

    of_bucket_{{ level }} as (
        select
            *,
            case
                when bucket_cents is null or wished_cents < 0 then wished_cents
                else greatest(0, least(wished_cents, bucket_cents - coalesce(sum(greatest(0, wished_cents)) over (
                    partition by coverage_id, bucket_on, bucket
                    order by place
                    rows between unbounded preceding and 1 preceding
                ), 0)))
            end as bucket_paid_cents
        from wished_{{ level }}
    ),

    of_ceiling_{{ level }} as (
        select
            *,
            case
                when ceiling_cents is null or bucket_paid_cents < 0 then bucket_paid_cents
                else least(bucket_paid_cents, greatest(0, ceiling_cents - coalesce(sum(bucket_paid_cents) over (
                    partition by coverage_id
                    order by bucket_on, bucket, place
                    rows between unbounded preceding and 1 preceding
                ), 0)))
            end as turn_cents
        from of_bucket_{{ level }}
    ),

    paid_{{ level }} as (
        select
            {% for name in coverable_columns() %}
            {{ name }},
            {% endfor %}
            case when has_turn then turn_cents else paid_cents end as paid_cents,
            case when has_turn then opened_quantity else paid_quantity end as paid_quantity
        from of_ceiling_{{ level }}
    )
{%- endmacro %}

{# What a turn reads and hands on. #}
{% macro coverable_columns() -%}
    {{ return([
        'line_key', 'coverage_id', 'level', 'rank', 'child_id', 'service_id', 'structure_id', 'family_id', 'payer_id',
        'day', 'line_cents', 'unit', 'bucket_on', 'bucket', 'quantity', 'quantities_a_unit', 'quantity_max',
        'year_quantity_max', 'percent_e4', 'unit_cents', 'ceiling_cents',
    ]) }}
{%- endmacro %}

{# How many bodies may pay for one child, one after the other (records.operations.coverage_terms.RANKS_MAX). #}
{% macro coverage_levels() -%}
    {{ return(5) }}
{%- endmacro %}
