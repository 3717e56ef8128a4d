{# A share of an amount in whole cents, never below zero, half up at the cent. #}
{% macro share_of_cents(cents, number, divisor) -%}
    {{ whole_division(whole_division("2 * (" ~ cents ~ ") * (" ~ number ~ ")", divisor) ~ " + 1", "2") }}
{%- endmacro %}

{# One body's turn: what each coverage of a level pays of what the levels before have left of its lines.
   Chained CTEs, each read once, so that the cost stays that of a few sorts a level. Every amount is whole cents. #}
{% macro coverage_level(level, before) -%}
    left_{{ level }} as (
        select
            *,
            level = {{ level }} as has_turn,
            line_cents - sum(paid_cents) over (partition by line_key) as left_cents,
            greatest(0, line_cents - sum(paid_cents) over (partition by line_key)) as due_cents
        from {{ before }}
    ),

    -- Lines of one unit (a day, a month, the whole) share it; one with something left opens it.
    placed_{{ level }} as (
        select
            *,
            row_number() over (
                partition by coverage_id, bucket_on, bucket
                order by sign(due_cents) desc, day, line_key
            ) as place,
            case
                when has_turn and max(due_cents) over (partition by coverage_id, bucket_on, bucket) > 0
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
                    case when place = 1 then wanted_quantity end
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
                when wanted_quantity = 0 then 0
                when percent_e4 is null then due_cents
                else {{ share_of_cents('due_cents', 'percent_e4 * bucket_quantity', '(10000 * wanted_quantity)') }}
            end as wished_cents,
            {{ share_of_cents('unit_cents', 'bucket_quantity', 'quantities_a_unit') }} as bucket_cents
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

    -- Lines that share a price share its hours: they count once.
    signed_{{ level }} as (
        select
            *,
            quantity * sign(line_cents) * cast(place = 1 as integer) as own_quantity
        from of_bucket_{{ level }}
    ),

    -- What is given back corrects the months of a contract: an absence its own month, an early end all of them. Lines
    -- that are no part of one stand apart.
    {{ taken_back(
        'month_' ~ level, 'signed_' ~ level, 'bucket_paid_cents', ['owed'], 'deducted', 'coverage_id, service_id, part is null, month_on'
    ) }},

    {{ taken_back(
        'contract_' ~ level, 'month_' ~ level, 'month_cents', ['owed', 'deducted'], 'back', 'coverage_id, service_id, part is null'
    ) }},

    summed_{{ level }} as (
        select
            *,
            sum(contract_cents) over (
                partition by coverage_id
                order by day, sign(line_cents) desc, bucket, place
                rows between unbounded preceding and current row
            ) as owed_so_far
        from contract_{{ level }}
    ),

    -- A decision pays no more than its ceiling in all: what is given back makes room under it again.
    of_ceiling_{{ level }} as (
        select
            *,
            case
                when ceiling_cents is null then contract_cents
                else least(ceiling_cents, owed_so_far) - least(ceiling_cents, owed_so_far - contract_cents)
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

{# What a body takes back of lines that give some of others back. It goes on paying what it paid of those as long as its
   decision gives as much for what is left; what it does not give any more it takes back, the family the rest. Taken
   through each line in turn, so that each has its difference: ends of a chain of CTEs, the last of which is `name`. #}
{% macro taken_back(name, before, paid, corrected, back, same) -%}
    {%- set stage = name.split('_')[0] -%}
    {%- set in_all = "sum(%s * cast(part in ('" ~ corrected | join("', '") ~ "') as integer)) over (partition by " ~ same ~ ")" -%}
    {%- set through = "sum(%s * cast(part = '" ~ back ~ "' as integer)) over (partition by " ~ same
        ~ " order by day, line_key rows between unbounded preceding and current row)" -%}
    left_of_{{ name }} as (
        select
            *,
            {{ in_all | format(paid) }} as {{ stage }}_paid,
            {{ in_all | format('left_cents') }} + {{ through | format('left_cents') }} as {{ stage }}_price_left,
            {{ in_all | format('own_quantity') }} + {{ through | format('own_quantity') }} as {{ stage }}_quantity_left,
            -{{ through | format('left_cents') }} as {{ stage }}_given
        from {{ before }}
    ),

    taken_of_{{ name }} as (
        select
            *,
            least({{ stage }}_given, greatest(0, {{ stage }}_paid - greatest(0, least(
                coalesce({{ share_of_cents(stage ~ '_price_left', 'percent_e4', '10000') }}, {{ stage }}_price_left),
                case when unit = 'hour'
                    then {{ share_of_cents('unit_cents', stage ~ '_quantity_left', 'quantities_a_unit') }}
                end
            )))) as {{ stage }}_taken
        from left_of_{{ name }}
    ),

    {{ name }} as (
        select
            *,
            case
                when part = '{{ back }}'
                    then coalesce(lag({{ stage }}_taken) over (partition by {{ same }} order by day, line_key), 0)
                        - {{ stage }}_taken
                else {{ paid }}
            end as {{ stage }}_cents
        from taken_of_{{ name }}
    )
{%- endmacro %}

{# What a turn reads and hands on. #}
{% macro coverable_columns() -%}
    {{ return([
        'line_key', 'coverage_id', 'level', 'rank', 'child_id', 'service_id', 'structure_id', 'family_id', 'payer_id',
        'part', 'day', 'month_on', 'line_cents', 'unit', 'bucket_on', 'bucket', 'quantity', 'quantities_a_unit', 'quantity_max',
        'year_quantity_max', 'percent_e4', 'unit_cents', 'ceiling_cents',
    ]) }}
{%- endmacro %}

{# How many bodies may pay for one child, one after the other (records.operations.coverage_terms.RANKS_MAX). #}
{% macro coverage_levels() -%}
    {{ return(5) }}
{%- endmacro %}
