-- What the bonus for families of modest means rests on: the mean contribution of an hour, and what a place then earns.
with scale as (
    select
        caf_year,
        {{ parameter_value('caf.mixite.ceiling_1') }} as ceiling_1,
        {{ parameter_value('caf.mixite.ceiling_2') }} as ceiling_2,
        {{ parameter_value('caf.mixite.ceiling_3') }} as ceiling_3,
        {{ parameter_value('caf.mixite.amount_1') }} as amount_1,
        {{ parameter_value('caf.mixite.amount_2') }} as amount_2,
        {{ parameter_value('caf.mixite.amount_3') }} as amount_3
    from {{ ref('int_caf__year_values') }} as parameters
    group by caf_year
),

judged as (
    select
        psu.structure_id,
        psu.caf_year,
        psu.contribution_per_hour,
        psu.authorised_places,
        scale.ceiling_1,
        scale.ceiling_2,
        scale.ceiling_3,
        scale.amount_1,
        scale.amount_2,
        scale.amount_3,
        case
            when psu.authorised_places is null then 'setting_missing ' || cast(psu.caf_year as varchar)
            when not psu.is_over then 'part_unfinished ' || cast(psu.caf_year as varchar)
            when psu.contribution_per_hour is null then 'billed_missing ' || cast(psu.caf_year as varchar)
            {%- for name in ['ceiling_1', 'ceiling_2', 'ceiling_3', 'amount_1', 'amount_2', 'amount_3'] %}
            when scale.{{ name }} is null then {{ parameter_fault("'caf.mixite." ~ name ~ "'", 'psu.caf_year') }}
            {%- endfor %}
        end as fault
    from {{ ref('int_caf__psu') }} as psu
    left join scale on psu.caf_year = scale.caf_year
    where psu.period = 'year'
),

placed as (
    select
        *,
        case
            when fault is not null then null
            when contribution_per_hour <= ceiling_1 then amount_1
            when contribution_per_hour <= ceiling_2 then amount_2
            when contribution_per_hour <= ceiling_3 then amount_3
            else 0
        end as per_place
    from judged
)

select
    structure_id,
    caf_year,
    cast(per_place as decimal(12, 2)) as bonus_per_place,
    cast(cast(per_place as decimal(12, 2)) * authorised_places as decimal(14, 2)) as bonus,
    fault
from placed
