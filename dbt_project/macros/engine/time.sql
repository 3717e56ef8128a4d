{# Local day and time of an instant in µs UTC; used in staging only (house rule 7). #}
{% macro local_timestamp(micros, zone) -%}
    {{ return(adapter.dispatch('local_timestamp', 'marelle')(micros, zone)) }}
{%- endmacro %}

{% macro duckdb__local_timestamp(micros, zone) -%}
    (make_timestamp({{ micros }}) at time zone 'UTC' at time zone {{ zone }})
{%- endmacro %}

{% macro spark__local_timestamp(micros, zone) -%}
    from_utc_timestamp(timestamp_micros({{ micros }}), {{ zone }})
{%- endmacro %}

{% macro local_day(micros, zone) -%}
    cast({{ local_timestamp(micros, zone) }} as date)
{%- endmacro %}

{# Minutes since local midnight by the wall clock. #}
{% macro local_minute(micros, zone) -%}
    cast(
        extract(hour from {{ local_timestamp(micros, zone) }}) * 60
        + extract(minute from {{ local_timestamp(micros, zone) }})
        as integer
    )
{%- endmacro %}

{# The instant, in µs UTC, of a wall-clock minute of a day; the first of the two in an autumn hour. #}
{% macro instant_at(day, minute, zone) -%}
    {{ return(adapter.dispatch('instant_at', 'marelle')(day, minute, zone)) }}
{%- endmacro %}

{% macro duckdb__instant_at(day, minute, zone) -%}
    {%- set wall = "(cast(" ~ day ~ " as timestamp) + to_minutes(" ~ minute ~ "))" -%}
    {%- set later = "(" ~ wall ~ " at time zone " ~ zone ~ ")" -%}
    {%- set earlier = "(" ~ later ~ " - interval 1 hour)" -%}
    epoch_us(
        case when {{ earlier }} at time zone {{ zone }} = {{ wall }} then {{ earlier }} else {{ later }} end
    )
{%- endmacro %}

{% macro spark__instant_at(day, minute, zone) -%}
    unix_micros(
        to_utc_timestamp(cast({{ day }} as timestamp) + make_dt_interval(0, 0, {{ minute }}, 0), {{ zone }})
    )
{%- endmacro %}

{# One row per day from the first to the last, both included; stands in a select list. #}
{% macro each_day(first_day, last_day) -%}
    {{ return(adapter.dispatch('each_day', 'marelle')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__each_day(first_day, last_day) -%}
    cast(unnest(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day)) as date)
{%- endmacro %}

{% macro spark__each_day(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}))
{%- endmacro %}

{# 0 = Monday … 6 = Sunday; the two engines number the days of the week differently. #}
{% macro weekday(day) -%}
    {{ return(adapter.dispatch('weekday', 'marelle')(day)) }}
{%- endmacro %}

{% macro duckdb__weekday(day) -%}
    (isodow({{ day }}) - 1)
{%- endmacro %}

{% macro spark__weekday(day) -%}
    weekday({{ day }})
{%- endmacro %}

{# Days from one date to a later one (negative when it is earlier). #}
{% macro days_from(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_from', 'marelle')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__days_from(first_day, last_day) -%}
    date_diff('day', {{ first_day }}, {{ last_day }})
{%- endmacro %}

{% macro spark__days_from(first_day, last_day) -%}
    datediff({{ last_day }}, {{ first_day }})
{%- endmacro %}

{# 0 … 13: the place of a day in a cycle of fourteen that began on the anchor, before it too. #}
{% macro cycle_day(anchor_on, day) -%}
    ((({{ days_from(anchor_on, day) }} % 14) + 14) % 14)
{%- endmacro %}

{# The year in which the school year of a day began: August opens the next one. #}
{% macro school_year(day) -%}
    cast(extract(year from {{ day }}) - case when extract(month from {{ day }}) < 8 then 1 else 0 end as integer)
{%- endmacro %}

{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro next_month(day) -%}
    cast(date_trunc('month', {{ day }}) + interval 1 month as date)
{%- endmacro %}

{# The number of whole years of somebody born on a date, on a day. #}
{% macro age_years(birth_date, day) -%}
    (
        extract(year from {{ day }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}

{# The number of whole months of somebody born on a date, on a day (domain.capacity.age_in_months). #}
{% macro age_months(birth_date, day) -%}
    cast(
        (extract(year from {{ day }}) - extract(year from {{ birth_date }})) * 12
        + extract(month from {{ day }}) - extract(month from {{ birth_date }})
        - case when extract(day from {{ day }}) < extract(day from {{ birth_date }}) then 1 else 0 end
        as integer
    )
{%- endmacro %}

{# Minutes from a local minute to the nearer edge of a half-open slot; 0 inside (domain.slots.Slot.distance). #}
{% macro slot_distance(minute, slot) -%}
    case
        when {{ minute }} < {{ slot }}.slot_start_minute then {{ slot }}.slot_start_minute - {{ minute }}
        when {{ minute }} >= {{ slot }}.slot_end_minute then {{ minute }} - {{ slot }}.slot_end_minute + 1
        else 0
    end
{%- endmacro %}
