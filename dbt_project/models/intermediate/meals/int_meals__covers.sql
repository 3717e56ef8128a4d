with eaters as (
    select
        decided.child_id,
        decided.service_id,
        decided.day,
        decided.structure_id,
        decided.category,
        decided.is_expected,
        decided.is_absence_foreseen,
        decided.is_present,
        decided.is_over,
        decided.situation,
        held_back.reason as held_back
    from {{ ref('int_attendance__decided') }} as decided
    inner join {{ ref('int_calendar__service_days') }} as service_days
        on decided.service_id = service_days.service_id
        and decided.structure_id = service_days.structure_id
        and decided.day = service_days.day
    left join {{ ref('stg_records__service_formulas') }} as formulas
        on decided.service_id = formulas.service_id and decided.formula_code = formulas.formula_code
    left join {{ ref('int_attendance__held_back') }} as held_back
        on decided.child_id = held_back.child_id
        and decided.service_id = held_back.service_id
        and decided.day = held_back.day
        and held_back.holds_meal
    where service_days.serves_meal and coalesce(formulas.with_meal, true)
),

-- Several diets make one cover, read together by the kitchen; a basket brought from home makes none.
diets as (
    select
        eaters.child_id,
        eaters.service_id,
        eaters.day,
        max(diets.diet_code = 'panier_repas') as has_basket,
        {{ joined_text('diets.diet_code', '+') }} as diet_code,
        {{ joined_text('diets.diet_label', ', ') }} as diet_label
    from eaters
    inner join {{ ref('stg_records__diets') }} as diets
        on eaters.child_id = diets.person_id
        and diets.valid_from <= eaters.day
        and (diets.valid_to is null or eaters.day < diets.valid_to)
    group by eaters.child_id, eaters.service_id, eaters.day
),

kept as (
    select
        eaters.*,
        diets.diet_code,
        diets.diet_label,
        coalesce(diets.has_basket, false) or coalesce(eaters.category = 'panier_repas', false) as is_basket
    from eaters
    left join diets
        on eaters.child_id = diets.child_id
        and eaters.service_id = diets.service_id
        and eaters.day = diets.day
)

select
    child_id,
    service_id,
    day,
    structure_id,
    case when is_basket then 'panier_repas' else coalesce(diet_code, 'standard') end as diet_code,
    case when is_basket then 'Panier repas' else coalesce(diet_label, 'Standard') end as diet_label,
    is_basket,
    is_expected and not is_absence_foreseen as is_planned,
    is_present as is_served,
    is_over,
    held_back is null
    and situation in ('absent_justified', 'absent_unjustified', 'absent_declared', 'absent_undecided') as is_absent,
    held_back
from kept
