-- What the kitchen must expect of each diet, how sure that is, why, and what to order. It never enters a price. A diet
-- follows its place; its interval is wider for its size, as that of a small place is. Baskets are not cooked.
{%- set spread = var('forecast_spread_power') %}
with cooked as (
    select
        {{ meal_site('covers') }} as site,
        covers.structure_id,
        covers.service_id,
        covers.day,
        covers.diet_code,
        max(covers.diet_label) as diet_label,
        cast(sum(case when covers.is_planned then 1 else 0 end) as integer) as planned
    from {{ ref('int_meals__covers') }} as covers
    where not covers.is_basket
    group by covers.structure_id, covers.service_id, covers.day, covers.diet_code
),

shared as (
    select
        cooked.*,
        {{ weekday('cooked.day') }} as weekday,
        {{ days_from('build_days.last_line_day', 'cooked.day') }} as days_ahead,
        answers.way,
        answers.rate,
        answers.level,
        answers.profile * answers.deviation as weekday_part,
        exp(answers.calendar_effect) as calendar_part,
        exp(answers.menu_effect) as menu_part,
        answers.basis_days,
        days.calendar_class,
        days.menu_class,
        cooked.planned * answers.rate as estimate,
        pow(greatest(cooked.planned * answers.rate, 1) / greatest(answers.prediction, 1), {{ spread }}) as share,
        {%- for end in ['lo80', 'hi80', 'lo95', 'hi95'] %}
        answers.{{ end }} - answers.prediction as {{ end }}{{ "," if not loop.last }}
        {%- endfor %}
    from cooked
    inner join {{ ref('int_forecast__answers') }} as answers on cooked.site = answers.site and cooked.day = answers.day
    inner join {{ ref('int_meals__days') }} as days on cooked.day = days.day
    cross join {{ ref('stg_records__build_days') }} as build_days
),

ends as (
    select
        *,
        cast(estimate as decimal(8, 1)) as forecast,
        cast(greatest(least(estimate + lo95 * share, estimate), 0) as decimal(8, 1)) as lo95_meals,
        cast(greatest(least(estimate + lo80 * share, estimate), 0) as decimal(8, 1)) as lo80_meals,
        cast(greatest(estimate + hi80 * share, estimate) as decimal(8, 1)) as hi80_meals,
        cast(greatest(estimate + hi95 * share, estimate) as decimal(8, 1)) as hi95_meals
    from shared
),

costed as (
    select
        ends.structure_id,
        ends.service_id,
        ends.day,
        ends.weekday,
        ends.days_ahead,
        ends.diet_code,
        ends.diet_label,
        ends.planned,
        ends.way,
        ends.rate,
        ends.level,
        ends.weekday_part,
        ends.calendar_part,
        ends.menu_part,
        ends.calendar_class,
        ends.menu_class,
        ends.basis_days,
        ends.forecast,
        ends.lo95_meals as lo95,
        ends.lo80_meals as lo80,
        ends.hi80_meals as hi80,
        ends.hi95_meals as hi95,
        kitchens.pack,
        kitchens.minimum,
        kitchens.supplier_days,
        1.0 * kitchens.missing_cents / (kitchens.missing_cents + kitchens.wasted_cents) as enough_on
    from ends
    left join {{ ref('int_meals__kitchens') }} as kitchens
        on ends.structure_id = kitchens.structure_id and ends.day = kitchens.day
),

enough as (
    select
        *,
        case
            when planned = 0 then cast(0 as decimal(8, 1))
            when pack is not null then cast({{ meals_enough_on('enough_on', 'costed') }} as decimal(8, 1))
        end as enough
    from costed
),

-- More than is planned is proposed only where more than that is expected.
needs as (
    select
        *,
        case
            when enough > planned and enough > forecast then greatest(cast(planned as decimal(8, 1)), forecast)
            else enough
        end as needed
    from enough
)

select
    structures.structure_ref,
    structures.structure_label,
    services.service_ref,
    services.service_label,
    needs.day,
    needs.diet_code,
    needs.diet_label,
    needs.planned,
    cast(case when needs.level is not null then needs.rate end as decimal(6, 4)) as take_up,
    needs.forecast,
    needs.lo80,
    needs.hi80,
    needs.lo95,
    needs.hi95,
    cast(case when needs.way = 'model' then needs.level end as decimal(8, 4)) as level,
    cast(case when needs.way = 'model' then needs.weekday_part end as decimal(8, 4)) as weekday_part,
    cast(case when needs.way = 'model' then needs.calendar_part end as decimal(8, 4)) as calendar_part,
    cast(case when needs.way = 'model' then needs.menu_part end as decimal(8, 4)) as menu_part,
    cast(coalesce(needs.basis_days, 0) as integer) as basis_days,
    needs.way,
    case
        when needs.level is null
            then 'aucun jour semblable n''a encore été pointé : les prévisions sont reprises telles quelles'
        when needs.way = 'planned'
            then 'les prévisions telles quelles : ici, elles se trompent moins que l''estimation'
        when needs.way = 'simple'
            then
                'sur 100 prévus, ' || cast(cast(100 * needs.rate as integer) as varchar)
                || ' viennent, comme les derniers mêmes jours de semaine (règle simple, plus juste ici)'
        else
            'sur 100 prévus, ' || cast(cast(100 * needs.rate as integer) as varchar) || ' viennent'
            || coalesce(', le ' || {{ weekday_name('needs.weekday') }} || ' ' || {{ percent_more('needs.weekday_part') }}, '')
            || coalesce(
                ', ' || case needs.calendar_class
                    when 'strike' then 'grève, service assuré'
                    when 'rentree' then 'premiers jours de l''année'
                    when 'holiday' then 'vacances'
                    when 'bridge' then 'pont'
                    when 'after_holiday' then 'retour de vacances'
                    when 'before_holiday' then 'veille de vacances'
                    when 'year_end' then 'fin d''année'
                    else 'jour ordinaire'
                end || ' ' || {{ percent_more('needs.calendar_part') }},
                ''
            )
            || coalesce(
                ', ' || case needs.menu_class
                    when 'meat' then 'viande'
                    when 'poultry' then 'volaille'
                    when 'fish' then 'poisson'
                    when 'vegetarian' then 'menu végétarien'
                    when 'other' then 'autre menu'
                    else 'menu inconnu'
                end || ' ' || {{ percent_more('needs.menu_part') }},
                ''
            )
            || case
                when coalesce(needs.basis_days, 0) = 0 then ' (lieu sans passé : comme la moyenne de la ville)'
                when needs.basis_days = 1 then ' (un seul jour connu)'
                else ' (' || cast(needs.basis_days as varchar) || ' jours connus)'
            end
    end as reason,
    cast(needs.days_ahead as integer) as days_ahead,
    case
        when needs.days_ahead <= 0 then 'morning'
        when needs.days_ahead = 1 then 'day_before'
        when needs.days_ahead < needs.supplier_days then 'firm'
        when needs.supplier_days is not null then 'supplier'
        else 'firm'
    end as horizon,
    needs.pack,
    needs.minimum,
    needs.needed,
    case
        when needs.pack is not null then {{ in_packs('needs.needed', 'needs.pack', 'needs.minimum') }}
    end as quantity,
    case
        when needs.pack is null
            then 'les réglages de la cuisine manquent pour ce lieu et ce jour : saisissez-les pour avoir une quantité'
        else
            'assez ' || cast(cast(100 * needs.enough_on as integer) as varchar) || ' jours sur 100'
            || case when needs.needed < needs.enough then ', pas plus que prévu' else '' end
            || case when needs.pack > 1 then ', par ' || cast(needs.pack as varchar) else '' end
            || case when needs.minimum > 0 then ', ' || cast(needs.minimum as varchar) || ' au moins' else '' end
    end as quantity_reason
from needs
inner join {{ ref('stg_records__services') }} as services on needs.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on needs.structure_id = structures.structure_id
