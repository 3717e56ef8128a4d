select
    {{ month_of('held_back.day') }} as month,
    held_back.day,
    held_back.reason,
    case held_back.reason
        when 'hole'
            then 'Des passages de la borne « ' || held_back.device_label || ' » manquent. S''ils ne viennent pas, à la '
                || 'coordination de saisir la liste papier ou de clore ce trou.'
        when 'undated'
            then 'L''enfant a badgé à la borne « ' || held_back.device_label || ' » sans que l''on sache quand. À la coordination '
                || 'de saisir sa présence d''après la liste papier, puis de régler ces passages.'
        else 'La borne « ' || held_back.device_label || ' » ne donne plus de nouvelles. Rallumez-la ; si elle est perdue, '
            || 'à la coordination de saisir la liste papier ou de clore ce silence.'
    end as message,
    persons.person_ref as child_ref,
    persons.first_name as child_first_name,
    persons.last_name as child_last_name,
    services.service_ref,
    services.service_label,
    structures.structure_ref,
    structures.structure_label,
    held_back.device_label,
    held_back.is_presence_unknown,
    held_back.holds_line,
    held_back.holds_hours,
    held_back.holds_meal
from {{ ref('int_attendance__held_back') }} as held_back
inner join {{ ref('stg_records__persons') }} as persons on held_back.child_id = persons.person_id
inner join {{ ref('stg_records__services') }} as services on held_back.service_id = services.service_id
inner join {{ ref('stg_records__structures') }} as structures on held_back.structure_id = structures.structure_id
