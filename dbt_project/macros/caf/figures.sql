{# The figures of a declaration that are counted on child-days: of which block, in which order, what each sums, and of
   which days; a figure that names no value of a column takes them all. What a figure opens to is the same list. #}
{% macro caf_counted_figures() -%}
    {%- set splits = [
        ('hours', {}),
        ('hours_under_6', {'age_group': ['under_6']}),
        ('hours_from_6', {'age_group': ['from_6']}),
        ('hours_age_unknown', {'age_group': ['unknown']}),
        ('hours_rg', {'regime_group': ['RG']}),
        ('hours_msa', {'regime_group': ['MSA']}),
        ('hours_other', {'regime_group': ['AUTRE']}),
        ('hours_regime_unknown', {'regime_group': ['INCONNU']}),
        ('hours_aeeh', {'is_aeeh': [true]}),
    ] -%}
    {%- set holidays = [
        ('hours_small_holidays', {'period': ['small_holidays']}),
        ('hours_summer', {'period': ['summer']}),
        ('hours_saturday', {'period': ['saturday']}),
    ] -%}
    {%- set slots = {
        'alsh_peri': [
            ('hours_morning', {'caf_kind': ['periscolaire_morning']}),
            ('hours_midday', {'caf_kind': ['periscolaire_midday']}),
            ('hours_evening', {'caf_kind': ['periscolaire_evening']}),
            ('hours_wednesday', {'caf_kind': ['periscolaire_wednesday']}),
        ],
        'alsh_extra': holidays + [('hours_other_days', {'period': ['wednesday', 'periscolaire_day']})],
        'youth': holidays + [
            ('hours_wednesday', {'period': ['wednesday']}),
            ('hours_other_days', {'period': ['periscolaire_day']}),
        ],
    } -%}
    {%- set found = [] -%}
    {%- for block, more in slots.items() -%}
        {%- for code, where in splits + more -%}
            {%- do found.append({'block': block, 'position': 100 + loop.index, 'code': code, 'measure': 'realised', 'where': where}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for side, first in [('realised', 100), ('billed', 200)] -%}
        {%- for code, where in splits + [('hours_under_4', {'is_under_4': [true]}), ('hours_from_4', {'is_under_4': [false]})] -%}
            {%- do found.append({
                'block': 'eaje_activity', 'position': first + loop.index, 'code': side ~ '_' ~ code, 'measure': side, 'where': where
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for block in ['alsh_peri', 'alsh_extra', 'youth', 'eaje_activity'] -%}
        {%- do found.append({'block': block, 'position': 301, 'code': 'held_hours', 'measure': 'held', 'where': {}}) -%}
        {%- do found.append({'block': block, 'position': 51, 'code': 'children', 'measure': 'children', 'where': {}}) -%}
        {%- do found.append({'block': block, 'position': 52, 'code': 'aeeh_children', 'measure': 'children', 'where': {'is_aeeh': [true]}}) -%}
    {%- endfor -%}
    {%- do found.append({
        'block': 'eaje_activity', 'position': 302, 'code': 'family_contributions', 'measure': 'contribution', 'where': {}
    }) -%}
    {{ return(found) }}
{%- endmacro %}

{# The condition of a counted figure on the columns of a child-day, or of their sums. #}
{% macro caf_condition(where) -%}
    {%- for column, values in where.items() -%}
        {{ "" if loop.first else " and " }}{{ column }}
        {%- if values[0] is boolean %} = {{ values[0] }}{% else %} in ('{{ values | join("', '") }}'){% endif -%}
    {%- else -%}
        true
    {%- endfor -%}
{%- endmacro %}

{# What a child-day adds to a figure: minutes, euros, or itself where children are told apart; null where it is in none. #}
{% macro caf_measure(measure) -%}
    {%- if measure == 'realised' -%}
        case when is_declared then realised_minutes end
    {%- elif measure == 'billed' -%}
        case when counts_billed then billed_minutes end
    {%- elif measure == 'contribution' -%}
        case when counts_billed then contribution end
    {%- elif measure == 'held' -%}
        case when held_back is not null then realised_minutes end
    {%- elif measure == 'children' -%}
        case when is_declared then 1 end
    {%- endif -%}
{%- endmacro %}
