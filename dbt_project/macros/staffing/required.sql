{# One row per half hour of a day, by its first local minute; stands in a select list. #}
{% macro each_half_hour() -%}
    {{ return(adapter.dispatch('each_half_hour', 'marelle')()) }}
{%- endmacro %}

{% macro duckdb__each_half_hour() -%}
    cast(unnest(generate_series(0, 1410, 30)) as integer)
{%- endmacro %}

{% macro spark__each_half_hour() -%}
    explode(sequence(0, 1410, 30))
{%- endmacro %}

{# Adults for some children at one for so many, the last group begun; null without a ratio, 0 without children. #}
{% macro adults_for(children, ratio) -%}
    case when {{ children }} = 0 then 0 else {{ whole_division(children ~ " + " ~ ratio ~ " - 1", ratio) }} end
{%- endmacro %}

{# Adults the law asks for (CAF notes §6): each age of each kind of care by itself, then all together. `counts` and
   `ratios` are the relations of int_staffing__counts and int_staffing__ratios. #}
{% macro adults_required(counts, ratios) -%}
    {{ adults_for(counts ~ ".short_under_6", ratios ~ ".short_under_6_per") }}
    + {{ adults_for(counts ~ ".short_from_6", ratios ~ ".short_from_6_per") }}
    + {{ adults_for(counts ~ ".long_under_6", ratios ~ ".long_under_6_per") }}
    + {{ adults_for(counts ~ ".long_from_6", ratios ~ ".long_from_6_per") }}
    + {{ adults_for(counts ~ ".holiday_under_6", ratios ~ ".holiday_under_6_per") }}
    + {{ adults_for(counts ~ ".holiday_from_6", ratios ~ ".holiday_from_6_per") }}
    + case
        when {{ counts }}.daycare = 0 then 0
        when {{ ratios }}.daycare_min is null then null
        when {{ ratios }}.walking_from_months is not null then case
            when {{ ratios }}.walking_per is not null and {{ ratios }}.not_walking_per is not null then greatest(
                {{ ratios }}.daycare_min,
                {{ adults_for(counts ~ ".daycare_walking", ratios ~ ".walking_per") }}
                + {{ adults_for("(" ~ counts ~ ".daycare - " ~ counts ~ ".daycare_walking)", ratios ~ ".not_walking_per") }}
            )
        end
        when {{ ratios }}.daycare_per is null then null
        else greatest({{ ratios }}.daycare_min, {{ adults_for(counts ~ ".daycare", ratios ~ ".daycare_per") }})
    end
{%- endmacro %}

{# How the children of one care and age are added up: a change of +1 or -1, or one child. #}
{% macro care_counts(value) -%}
    {%- for care in ["short", "long", "holiday"] %}
    {%- for age in ["under_6", "from_6"] %}
    case when care = '{{ care }}' and age_group = '{{ age }}' then {{ value }} else 0 end as {{ care }}_{{ age }},
    {%- endfor %}
    {%- endfor %}
    case when care = 'daycare' then {{ value }} else 0 end as daycare,
    case when care = 'daycare' and is_walking then {{ value }} else 0 end as daycare_walking
{%- endmacro %}
