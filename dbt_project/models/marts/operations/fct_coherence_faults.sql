with files_of_people as (
    select
        members.person_id,
        min(families.family_ref) as family_ref
    from {{ ref('stg_records__family_members') }} as members
    inner join {{ ref('stg_records__families') }} as families on members.family_id = families.family_id
    group by members.person_id
),

named as (
    select
        faults.*,
        persons.person_ref as child_ref,
        persons.first_name || ' ' || upper(persons.last_name) as child_name,
        others.person_ref as other_ref,
        services.service_ref,
        services.service_label,
        structures.structure_ref,
        structures.structure_label,
        coverages.coverage_ref,
        coalesce(coverages.decision_number, coverages.coverage_ref) as coverage_name,
        bodies.body_name,
        case when not kinds.is_health then kinds.document_kind_label end as document_label,
        coalesce(families.family_ref, payer_families.family_ref, files_of_people.family_ref) as family_ref
    from {{ ref('int_coherence__faults') }} as faults
    left join {{ ref('stg_records__persons') }} as persons on faults.person_id = persons.person_id
    left join {{ ref('stg_records__persons') }} as others
        on faults.other_id = others.person_id and faults.rule = 'duplicate'
    left join {{ ref('stg_records__document_kinds') }} as kinds
        on faults.other_id = kinds.document_kind_id and faults.rule = 'document_missing'
    left join {{ ref('stg_records__coverages') }} as coverages
        on faults.other_id = coverages.coverage_id
        and (faults.rule like 'coverage%' or faults.rule like 'aid%')
    left join {{ ref('stg_records__paying_bodies') }} as bodies on coverages.body_id = bodies.body_id
    left join {{ ref('stg_records__services') }} as services on faults.service_id = services.service_id
    left join {{ ref('stg_records__structures') }} as structures on faults.structure_id = structures.structure_id
    left join {{ ref('stg_records__families') }} as families on faults.family_id = families.family_id
    left join {{ ref('stg_records__payers') }} as payers on faults.payer_id = payers.payer_id
    left join {{ ref('stg_records__families') }} as payer_families on payers.family_id = payer_families.family_id
    left join files_of_people on faults.person_id = files_of_people.person_id
)

select
    fault_key,
    rule,
    case
        when rule in (
            'payer_missing', 'custody_missing', 'enrolment_missing', 'enrolments_overlap', 'qf_missing',
            'coverage_rank_twice', 'coverages_too_many', 'aid_scale_missing', 'aid_qf_missing'
        )
            then 'blocking'
        else 'to_complete'
    end as severity,
    case
        when rule in (
            'meals_unplanned', 'enrolment_missing', 'enrolments_overlap', 'document_missing', 'coverage_unapplied',
            'presence_outside_hours', 'caf_above_opening'
        )
            then 'coordinator'
        when rule in ('mandate_unsigned', 'coverage_unnumbered', 'coverage_rank_twice', 'coverages_too_many')
            then 'finance'
        when rule = 'aid_scale_missing' then 'admin_school'
        when rule = 'duplicate' then 'admin_school'
        else 'clerk'
    end as owner_role,
    case rule
        when 'regime_missing'
            then 'Le régime du dossier ' || family_ref || ' n''est pas connu : ses heures CAF ne peuvent pas être réparties. '
                || 'Au bureau des familles de le saisir.'
        when 'qf_missing'
            then 'Aucun quotient familial pour un payeur du dossier ' || family_ref || '. Au bureau des familles de le '
                || 'saisir (9999 tant qu''il n''est pas fourni).'
        when 'qf_default'
            then 'Le quotient familial du dossier ' || family_ref || ' est encore 9999 : il paie le tarif le plus haut. '
                || 'Au bureau des familles de demander l''attestation.'
        when 'custody_missing'
            then child_name || ' a deux payeurs au service « ' || service_label || ' » et aucun calendrier de garde. '
                || 'Au bureau des familles de le saisir.'
        when 'payer_missing'
            then 'L''inscription de ' || child_name || ' au service « ' || service_label || ' » n''a pas de payeur. '
                || 'Au bureau des familles de l''indiquer.'
        when 'meals_unplanned'
            then child_name || ' a une inscription au service « ' || service_label || ' » sans aucun repas prévu : rien n''est '
                || 'commandé. À la coordination de saisir les jours de repas.'
        when 'enrolments_overlap'
            then child_name || ' a deux inscriptions au service « ' || service_label || ' » les mêmes jours. À la '
                || 'coordination de mettre fin à l''une.'
        when 'enrolment_missing'
            then child_name || ' vient au service « ' || service_label || ' » sans inscription, la dernière fois le '
                || {{ french_date('day') }} || '. À la coordination de l''inscrire : ses présences seront alors facturées.'
        when 'presence_outside_hours'
            then child_name || ' est au service « ' || service_label || ' » hors des horaires de ' || structure_label
                || ', la dernière fois le ' || {{ french_date('day') }} || '. À la coordination de corriger le pointage, ou '
                || 'de faire corriger les horaires.'
        when 'caf_above_opening'
            then child_name || ' a plus d''heures CAF que ' || structure_label || ' n''en ouvre, la dernière fois le '
                || {{ french_date('day') }} || '. À la coordination de vérifier ses présences et les horaires du lieu.'
        when 'mandate_unsigned'
            then 'Un mandat SEPA du dossier ' || family_ref || ' attend sa signature : rien n''est prélevé. Aux finances '
                || 'de le relancer.'
        when 'duplicate'
            then 'Les fiches ' || child_ref || ' et ' || other_ref || ' ont le même nom et la même date de naissance. À '
                || 'l''administration de les comparer, puis de les fusionner si c''est la même personne.'
        when 'document_missing'
            then 'Il manque ' || coalesce('« ' || document_label || ' »', 'un papier de santé')
                || coalesce(' pour ' || child_name, ' au dossier ' || family_ref)
                || ', ou il n''est plus valable. À la coordination de le demander.'
        when 'coverage_unapplied'
            then 'La prise en charge ' || coverage_name || ' de ' || body_name || ' pour ' || child_name || ' n''est sur '
                || 'aucune inscription : elle ne paie rien. À la direction de l''appliquer.'
        when 'coverage_unnumbered'
            then 'La prise en charge ' || coverage_ref || ' de ' || body_name || ' pour ' || child_name || ' n''a pas de '
                || 'numéro de décision : elle ne paie rien. Aux finances de le saisir.'
        when 'coverage_rank_twice'
            then 'La prise en charge ' || coverage_name || ' de ' || body_name || ' pour ' || child_name || ' a le rang d''une '
                || 'autre les mêmes jours : elle ne paie rien. Aux finances de donner l''ordre.'
        when 'coverages_too_many'
            then 'La prise en charge ' || coverage_name || ' de ' || body_name || ' pour ' || child_name || ' vient après cinq '
                || 'autres : elle ne paie rien. Aux finances de revoir l''ordre.'
        when 'aid_scale_missing'
            then 'L''organisme ' || body_name || ' n''a pas de barème pour le bon ' || coverage_name || ' de ' || child_name
                || ' : il ne paie rien. À l''administration de l''enregistrer.'
        when 'aid_qf_missing'
            then 'Le bon ' || coverage_name || ' de ' || child_name || ' dépend du quotient familial, qui n''est pas connu : il '
                || 'ne paie rien. Au bureau des familles de le saisir.'
        when 'file_unsigned'
            then 'Le dossier ' || family_ref || ' n''est pas signé. Au bureau des familles de faire signer un responsable.'
    end as message,
    case when family_ref is null then 'person' else 'family' end as link_kind,
    coalesce(family_ref, child_ref) as link_ref,
    child_ref,
    family_ref,
    service_ref,
    structure_ref,
    day
from named
