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
                when left_cents <= 0 or wanted_quantity = 0 or bucket_quantity = 0 then 0
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
                when bucket_cents is null then wished_cents
                else greatest(0, least(wished_cents, bucket_cents - coalesce(sum(wished_cents) over (
                    partition by coverage_id, bucket_on, bucket
                    order by place
                    rows between unbounded preceding and 1 preceding
                ), 0)))
            end as bucket_paid_cents
        from wished_{{ level }}
    ),

    -- What is given back corrects the months of a contract: an absence its own month, an early end all of them. A body
    -- goes on paying what it paid of them as long as its decision gives as much for what is left; what it does not
    -- give any more it takes back, the family the rest. Summed through each line, so that each has its difference.
    of_month_{{ level }} as (
        select
            *,
            case when place = 1 then quantity else 0 end as own_quantity,
            {{ in_all("kind in ('contract', 'contract_end')", 'bucket_paid_cents', 'month_on') }} as month_paid,
            {{ in_all("kind in ('contract', 'contract_end')", 'left_cents', 'month_on') }} as month_price,
            {{ in_all("kind in ('contract', 'contract_end') and place = 1", 'quantity', 'month_on') }}
                as month_quantity,
            {{ given_back("kind = 'deduction'", 'left_cents', 'month_on') }} as month_back,
            {{ given_back("kind = 'deduction' and place = 1", '-quantity', 'month_on') }} as month_quantity_back
        from of_bucket_{{ level }}
    ),

    deducted_{{ level }} as (
        select
            *,
            case
                when kind = 'deduction' then {{ taken_back('month') }}
                else bucket_paid_cents
            end as deducted_cents
        from of_month_{{ level }}
    ),

    of_contract_{{ level }} as (
        select
            *,
            {{ in_all("kind in ('contract', 'contract_end', 'deduction')", 'deducted_cents') }} as contract_paid,
            {{ in_all("kind in ('contract', 'contract_end', 'deduction')", 'left_cents') }} as contract_price,
            {{ in_all("kind in ('contract', 'contract_end')", 'own_quantity') }}
            - {{ in_all("kind = 'deduction'", 'own_quantity') }} as contract_quantity,
            {{ given_back("kind = 'contract_back'", 'left_cents') }} as contract_back,
            {{ given_back("kind = 'contract_back'", '-own_quantity') }} as contract_quantity_back
        from deducted_{{ level }}
    ),

    given_back_{{ level }} as (
        select
            *,
            case
                when kind = 'contract_back' then {{ taken_back('contract') }}
                else deducted_cents
            end as owed_cents
        from of_contract_{{ level }}
    ),

    summed_{{ level }} as (
        select
            *,
            sum(owed_cents) over (
                partition by coverage_id
                order by day, line_cents < 0, bucket, place
                rows between unbounded preceding and current row
            ) as owed_so_far
        from given_back_{{ level }}
    ),

    -- A decision pays no more than its ceiling in all: what is given back makes room under it again.
    of_ceiling_{{ level }} as (
        select
            *,
            case
                when ceiling_cents is null then owed_cents
                else least(ceiling_cents, owed_so_far) - least(ceiling_cents, owed_so_far - owed_cents)
            end as turn_cents
        from summed_{{ level }}
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

{# Lines of a coverage and a service summed where the condition holds, in each month or in all. #}
{% macro in_all(condition, number, also=none) -%}
    sum(case when {{ condition }} then {{ number }} else 0 end)
        over (partition by coverage_id, service_id{{ ', ' ~ also if also }})
{%- endmacro %}

{# What such lines give back through this one, above zero. #}
{% macro given_back(condition, number, also=none) -%}
    -sum(case when {{ condition }} then {{ number }} else 0 end) over (
        partition by coverage_id, service_id{{ ', ' ~ also if also }}
        order by day, line_key rows between unbounded preceding and current row
    )
{%- endmacro %}

{# What a body takes back of one line, below zero: what it takes of all before this one, less what it takes with it. #}
{% macro taken_back(of) -%}
    {{ taken_through(of, of ~ '_back + left_cents', of ~ '_quantity_back - own_quantity') }}
    - {{ taken_through(of, of ~ '_back', of ~ '_quantity_back') }}
{%- endmacro %}

{# What a body takes of so much given back: what it paid and its decision does not give for the rest. #}
{% macro taken_through(of, back, quantity_back) -%}
    {%- set price = 'greatest(0, ' ~ of ~ '_price - (' ~ back ~ '))' -%}
    {%- set quantity = 'greatest(0, ' ~ of ~ '_quantity - (' ~ quantity_back ~ '))' -%}
    least({{ back }}, greatest(0, {{ of }}_paid - least(
        {{ share_of_cents(price, 'coalesce(percent_e4, 10000)', '10000') }},
        case when unit = 'hour' and unit_cents is not null
            then {{ share_of_cents('unit_cents', quantity, 'quantities_a_unit') }}
            else {{ of }}_paid
        end
    )))
{%- endmacro %}

{# What a turn reads and hands on. #}
{% macro coverable_columns() -%}
    {{ return([
        'line_key', 'coverage_id', 'level', 'rank', 'child_id', 'service_id', 'structure_id', 'family_id', 'payer_id',
        'kind', 'day', 'month_on', 'line_cents', 'unit', 'bucket_on', 'bucket', 'quantity', 'quantities_a_unit', 'quantity_max',
        'year_quantity_max', 'percent_e4', 'unit_cents', 'ceiling_cents',
    ]) }}
{%- endmacro %}

{# How many bodies may pay for one child, one after the other (records.operations.coverage_terms.RANKS_MAX). #}
{% macro coverage_levels() -%}
    {{ return(5) }}
{%- endmacro %}
