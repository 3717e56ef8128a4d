{# Whether a rule's conditions hold for a line, what is not known being let pass: `missing_for` then names it. #}
{% macro holds_or_unknown(rules, line) -%}
    {%- set equal = {
        'category': 'category', 'situation': 'situation', 'origin': 'origin', 'day_kind': 'day_kind',
        'is_booked_late': 'is_booked_late',
    } -%}
    {%- set known_equal = {'residence': 'residence', 'school_level': 'school_level'} -%}
    {%- for name, value in equal.items() %}
    ({{ rules }}.{{ name }} is null or {{ rules }}.{{ name }} = {{ line }}.{{ value }})
    and {% endfor -%}
    {%- for name, value in known_equal.items() %}
    ({{ rules }}.{{ name }} is null or {{ line }}.{{ value }} is null or {{ rules }}.{{ name }} = {{ line }}.{{ value }})
    and {% endfor %}
    (
        {{ rules }}.formula_code is null
        or {{ rules }}.formula_code = {{ line }}.formula_code
        or ({{ line }}.formula_code is null and {{ line }}.kind = 'formula')
    )
    and {{ within(rules ~ ".qf_from", rules ~ ".qf_to", line ~ ".qf_value") }}
    and {{ within("12 * " ~ rules ~ ".income_from_cents", "12 * " ~ rules ~ ".income_to_cents", line ~ ".annual_cents") }}
    and {{ within(rules ~ ".age_from_months", rules ~ ".age_to_months", line ~ ".age_months") }}
    and {{ within(rules ~ ".rank_from", rules ~ ".rank_to + 1", line ~ ".sibling_rank") }}
    and {{ within(rules ~ ".children_from", rules ~ ".children_to + 1", line ~ ".children_count") }}
    and {{ within(rules ~ ".siblings_from", rules ~ ".siblings_to + 1", line ~ ".sibling_count") }}
    and ({{ rules }}.lead_from_minutes is null or {{ line }}.lead_minutes >= {{ rules }}.lead_from_minutes)
    and ({{ rules }}.lead_to_minutes is null or {{ line }}.lead_minutes < {{ rules }}.lead_to_minutes)
{%- endmacro %}

{# Whether a value lies in a half-open band, or is not known; a band may have no end. #}
{% macro within(start, end, value) -%}
    coalesce({{ value }} >= {{ start }}, true)
    and coalesce({{ value }} < {{ end }}, true)
{%- endmacro %}

{# What a rule asks of a line that nobody knows; null when it asks for nothing of the kind. A modifier asks by its
   conditions alone, a price by its unit and its form too. #}
{% macro missing_for(rules, line, is_price=true) -%}
    case
        when
            {{ line }}.formula_code is null
            and ({{ rules }}.formula_code is not null{% if is_price %} or {{ rules }}.unit in ('formula', 'half_day'){% endif %})
            then 'formula_missing'
        when
            {{ line }}.qf_value is null
            and (
                coalesce({{ rules }}.qf_from, 0) > 0
                or {{ rules }}.qf_to is not null
                {%- if is_price %}
                or {{ rules }}.basis = 'qf'
                {%- endif %}
            )
            then 'qf_missing'
        when
            {{ line }}.annual_cents is null
            and (
                {{ rules }}.income_from_cents is not null
                or {{ rules }}.income_to_cents is not null
                or {{ rules }}.children_from is not null
                or {{ rules }}.children_to is not null
                {%- if is_price %}
                or {{ rules }}.form = 'psu'
                or {{ rules }}.basis = 'income'
                {%- endif %}
            )
            then 'income_missing'
        when {{ line }}.residence is null and {{ rules }}.residence is not null then 'residence_missing'
        when
            ({{ line }}.age_months is null and ({{ rules }}.age_from_months is not null or {{ rules }}.age_to_months is not null))
            or ({{ line }}.sibling_rank is null and ({{ rules }}.rank_from is not null or {{ rules }}.rank_to is not null))
            then 'birth_date_missing'
        when {{ line }}.school_level is null and {{ rules }}.school_level is not null then 'level_missing'
    end
{%- endmacro %}

{# How many of a rule's units a line has; null when the line is not measured in them. The unit of a package is its
   period: a price by the month says nothing of a school year. #}
{% macro quantity(rules, line) -%}
    cast(
        case {{ rules }}.unit
            when 'meal' then case when {{ line }}.kind = 'meal' then 1 end
            when 'formula' then case when {{ line }}.kind <> 'meal' and {{ line }}.rule_kind is null then 1 end
            when 'half_day'
                then case when {{ line }}.kind <> 'meal' and {{ line }}.rule_kind is null then coalesce({{ line }}.half_days, 1) end
            when 'unit_begun'
                then case
                    when {{ rules }}.unit_minutes is null then {{ line }}.units_begun
                    else {{ units_begun(line ~ ".begun_minutes", rules ~ ".unit_minutes") }}
                end
            when 'hour' then {{ ratio(line ~ ".rounded_minutes", "(60 * " ~ line ~ ".minutes_over)", 4) }}
            when 'minute' then case when {{ line }}.minutes_over = 1 then {{ line }}.rounded_minutes end
            when 'night' then case when {{ line }}.kind = 'sejour' then {{ line }}.day_count - 1 end
            when 'day' then case when {{ line }}.rule_kind is null then 1 when {{ line }}.kind = 'sejour' then {{ line }}.day_count end
            when 'session' then case when {{ line }}.period is null then 1 end
            when 'occurrence' then case when {{ line }}.period is null then 1 end
            else case when {{ line }}.period = {{ rules }}.unit then 1 end
        end as decimal(12, 4)
    )
{%- endmacro %}
