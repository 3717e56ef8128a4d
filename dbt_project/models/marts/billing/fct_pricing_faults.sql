with line_faults as (
    select
        line_key,
        fault as code,
        child_id,
        service_id,
        structure_id,
        family_id,
        day,
        category,
        formula_code,
        qf_value,
        kind
    from {{ ref('int_pricing__priced') }}
    where fault is not null
),

hour_faults as (
    select
        {{ line_key('persons.person_ref', 'services.service_ref', 'hours.day', "'caf_hours'", 'cast(null as varchar)') }}
            as line_key,
        hours.fault as code,
        hours.child_id,
        hours.service_id,
        hours.structure_id,
        cast(null as bigint) as family_id,
        hours.day,
        cast(null as varchar) as category,
        hours.formula_code,
        cast(null as decimal(10, 2)) as qf_value,
        cast(null as varchar) as kind
    from {{ ref('int_caf__hours') }} as hours
    inner join {{ ref('stg_records__persons') }} as persons on hours.child_id = persons.person_id
    inner join {{ ref('stg_records__services') }} as services on hours.service_id = services.service_id
    where hours.fault is not null and hours.fault <> 'over_age'
),

faults as (
    select * from line_faults
    union all
    select * from hour_faults
),

named as (
    select
        faults.*,
        persons.person_ref as child_ref,
        persons.first_name || ' ' || upper(persons.last_name) as child_name,
        services.service_ref,
        services.service_label,
        structures.structure_ref,
        coalesce(families.family_ref, '?') as family_ref,
        {{ french_date('faults.day') }} as day_text,
        {{ french_decimal('faults.qf_value') }} as qf_text
    from faults
    inner join {{ ref('stg_records__persons') }} as persons on faults.child_id = persons.person_id
    inner join {{ ref('stg_records__services') }} as services on faults.service_id = services.service_id
    inner join {{ ref('stg_records__structures') }} as structures on faults.structure_id = structures.structure_id
    left join {{ ref('stg_records__families') }} as families on faults.family_id = families.family_id
)

select
    line_key,
    code,
    case code
        when 'enrolment_missing'
            then
                child_name || ' a une présence au service « ' || service_label || ' » le ' || day_text
                || ', sans inscription. À la coordination de l''inscrire : la même présence sera alors facturée.'
        when 'payer_missing'
            then
                'Aucun payeur pour ' || child_name || ' au service « ' || service_label || ' » le ' || day_text
                || '. Au bureau des familles d''indiquer le payeur sur l''inscription.'
        when 'custody_missing'
            then
                child_name || ' a deux payeurs au service « ' || service_label || ' » et aucun calendrier de garde '
                || 'pour le ' || day_text || '. Au bureau des familles de saisir le calendrier de garde.'
        when 'formula_missing'
            then
                'La formule de ' || child_name || ' au service « ' || service_label || ' » le ' || day_text
                || ' n''est pas connue. À la coordination de la choisir sur l''inscription ou la réservation.'
        when 'tariff_missing'
            then
                'Le service « ' || service_label || ' » n''a aucun tarif en vigueur le ' || day_text
                || '. À l''administration de saisir le tarif voté et sa date d''effet.'
        when 'qf_missing'
            then
                'Le quotient familial du dossier ' || family_ref || ' n''est pas connu au ' || day_text
                || '. Au bureau des familles de le saisir (9999 tant qu''il n''est pas fourni).'
        when 'income_missing'
            then
                'Les ressources du dossier ' || family_ref || ' ne sont pas connues au ' || day_text
                || '. Au bureau des familles de les saisir.'
        when 'residence_missing'
            then
                'L''adresse du payeur du dossier ' || family_ref || ' n''est pas connue au ' || day_text
                || ' : le tarif de « ' || service_label || ' » dépend de la commune. Au bureau des familles de la saisir.'
        when 'birth_date_missing'
            then
                'Le tarif de « ' || service_label || ' » dépend de l''âge ou du rang de ' || child_name || ' le '
                || day_text || ', et sa date de naissance, ou celle d''un autre enfant du dossier ' || family_ref
                || ', manque. Au bureau des familles de la saisir.'
        when 'level_missing'
            then
                child_name || ' n''est dans aucune classe le ' || day_text || ' : le tarif de « ' || service_label
                || ' » dépend du niveau. À la coordination de l''inscrire dans sa classe.'
        when 'scale_missing'
            then
                'Le barème de l''État pour « ' || service_label || ' » n''a pas de valeur au ' || day_text
                || '. À l''administration de saisir le taux, le plancher et le plafond avec leur source.'
        when 'too_many_modifiers'
            then
                'Plus de huit lignes du tarif de « ' || service_label || ' » modifient le prix de ' || child_name
                || ' le ' || day_text || '. À l''administration de publier une version plus simple.'
        when 'tariff_gap'
            then
                'Aucune ligne du tarif de « ' || service_label || ' » ne convient'
                || case
                    when kind like 'membership%' then ' pour l''adhésion de ' || child_name
                    when kind like 'sejour%' then ' pour le séjour de ' || child_name
                    when kind like 'contract%' then ' pour la mensualité du contrat de ' || child_name
                    when kind like 'overtime%' then ' pour les heures de ' || child_name || ' au-delà de son contrat'
                    when kind like 'deduction%' then ' pour les heures à retirer du contrat de ' || child_name
                    when kind like 'late_pickup%' then ' pour le départ tardif de ' || child_name
                    else ''
                end
                || ' le ' || day_text || ' : catégorie « '
                || coalesce(category, '') || ' »'
                || coalesce(', formule « ' || formula_code || ' »', '')
                || coalesce(', QF ' || qf_text, '')
                || '. À l''administration de compléter le tarif.'
        when 'contract_hours_missing'
            then
                child_name || ' est sous contrat au service « ' || service_label || ' » le ' || day_text
                || ', mais son inscription ne dit pas ses heures de ce jour. À la direction de la structure de saisir '
                || 'l''heure d''arrivée et de départ prévues.'
        when 'hours_backwards'
            then
                'Les heures de ' || child_name || ' au service « ' || service_label || ' » le ' || day_text
                || ' se contredisent : le départ est avant l''arrivée. À la coordination de corriger l''heure décidée ou '
                || 'le pointage.'
        when 'parameter_missing'
            then
                'Les heures CAF de ' || child_name || ' au service « ' || service_label || ' » le ' || day_text
                || ' ne peuvent pas être comptées : une valeur nationale manque à cette date. '
                || 'À l''administration de le saisir avec sa source.'
        when 'sejour_too_long'
            then
                'Le séjour de ' || child_name || ' au service « ' || service_label || ' » le ' || day_text
                || ' est trop long pour un accueil de loisirs : ses heures ne sont pas déclarées. À la direction de '
                || 'vérifier ses dates.'
        when 'age_unknown'
            then
                'La date de naissance de ' || child_name || ' manque : ses heures CAF du ' || day_text
                || ' ne peuvent pas être classées par âge. Au bureau des familles de la saisir.'
    end as message,
    day,
    child_ref,
    service_ref,
    structure_ref
from named
