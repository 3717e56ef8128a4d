with unresolved as (
    select * from {{ ref('int_attendance__taps_waiting') }}
    where not is_undone
)

select distinct
    sent.tap_id,
    unresolved.unresolved_reason as reason,
    case unresolved.unresolved_reason
        when 'doubtful_time'
            then 'L''heure de ce pointage n''est pas sûre : rien ne confirme l''horloge de la borne. À la coordination de '
                || 'saisir l''arrivée ou le départ de l''enfant.'
        when 'revoked_device'
            then 'Pointage reçu d''une borne retirée du service, après son retrait. À la coordination de dire s''il compte.'
        when 'typed_name'
            then 'Enfant noté par son nom. À la coordination de rattacher ce pointage à un dossier.'
        when 'unknown_badge'
            then 'Ce badge n''est attribué à personne ce jour-là. À la coordination de rattacher le pointage ou le badge.'
        when 'unknown_child'
            then 'L''enfant de ce pointage n''est dans aucun dossier. À la coordination de le rattacher.'
        when 'no_service'
            then 'Aucun service n''était ouvert ici à cette heure. À la coordination de dire à quel service il se rapporte.'
    end as message,
    unresolved.day,
    unresolved.occurred_minute,
    unresolved.occurred_at,
    unresolved.kind,
    structures.structure_ref,
    structures.structure_label,
    devices.device_label,
    sent.service_ref,
    sent.badge_uid,
    sent.child_ref,
    sent.typed_name
from unresolved
inner join {{ ref('stg_records__taps') }} as sent on unresolved.tap_no = sent.tap_no
inner join {{ ref('stg_records__devices') }} as devices on unresolved.device_id = devices.device_id
inner join {{ ref('stg_records__structures') }} as structures
    on unresolved.device_structure_id = structures.structure_id
