"""Files of terminals and what they sent, and of what people decided about it."""

from __future__ import annotations

from records.models import (
    AttendanceDecision,
    Device,
    DeviceEpoch,
    HoleSettlement,
    MonthState,
    Tap,
    TapChild,
    TapQuarantine,
)
from records.town_files.columns import NOW, SIGNATURE, FileColumn, TownFile, col, numbered, to
from records.town_files.kinds import BYTES, DAY, INSTANT, REF, TEXT, choice, whole

MODE = choice({"badge": "badge", "appel": "roll_call"})
TAP_KIND = choice({"badge": "badge", "appel": "roll_call", "annulation": "undo"})
DIRECTION = choice({"arrivée": "arrival", "départ": "departure"})
CONFIDENCE = choice({"sûre": "synced", "supposée": "assumed", "douteuse": "doubtful"})
OUTCOME = choice({"liste saisie": "list_typed_in", "déclaré fermé": "declared_closed"})
DECISION = choice(
    {
        "absence non justifiée": "absent_unjustified",
        "absence justifiée": "absent_justified",
        "arrivée": "arrival",
        "départ": "departure",
        "rattachement": "attach",
        "retard retenu": "late_accepted",
        "retard levé": "late_waived",
        "effacement": "clear",
    }
)
SETTLED = choice({"saisie": "entered", "reçue autrement": "received", "sans effet": "no_effect"})
_HASH = "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96"
MONTH = choice({"confirmé": "confirmed", "verrouillé": "locked", "rouvert": "reopened"})
COUNT = whole(0, 2**62)
OFFSET = whole(-(2**62), 2**62, "millisecondes")
_AGAIN = "secret : la borne s'inscrit à nouveau après l'import"


def recorded() -> tuple[FileColumn, FileColumn]:
    """Return the two columns of who recorded a row, and when."""
    return (
        col("enregistre_le", "recorded_at", INSTANT, "Vide : au moment de l'import.", "", default=NOW),
        col("enregistre_par", "recorded_by", TEXT, "Vide : qui importe.", "", default=SIGNATURE),
    )


FILES = (
    TownFile(
        "bornes",
        "Les bornes",
        "une borne ou une tablette, à inscrire à nouveau",
        Device,
        (
            col("reference", "ref", REF, "Référence de la borne.", "borne-hall"),
            col("libelle", "label", TEXT, "Nom affiché.", "Borne du hall"),
            to("structure", "structure_id", "structures", "Son lieu.", "jean-moulin"),
            col("mode", "mode", MODE, "Badge, ou appel.", "badge"),
            col("revoquee_le", "revoked_at", INSTANT, "Quand elle a été révoquée.", ""),
        ),
        key=("reference",),
        left_out=dict.fromkeys(("enrol_code_hash", "enrol_code_expires_at", "token_hash", "enrolled_at"), _AGAIN),
    ),
    TownFile(
        "bornes_epoques",
        "Ce que chaque borne a envoyé",
        "une borne et une époque : jusqu'où rien ne manque",
        DeviceEpoch,
        (
            to("borne", "device_id", "bornes", "La borne.", "borne-hall"),
            col("epoque", "epoch", TEXT, "Identifiant de l'époque.", "0a1b2c3d"),
            col("complet_jusqu_a", "watermark", COUNT, "Dernier numéro avant un manque.", "120"),
            col("dernier", "last_seq", COUNT, "Plus grand numéro reçu.", "120"),
            col("premier_contact", "first_seen_at", INSTANT, "Premier contact.", "2026-09-01T05:30:00Z"),
            col("dernier_contact", "last_seen_at", INSTANT, "Dernier contact.", "2026-11-27T17:30:00Z"),
            col("empreinte", "digest", TEXT, "Empreinte de ce qui est gardé ; vide : inconnue.", ""),
        ),
    ),
    TownFile(
        "pointages",
        "Les pointages",
        "un geste devant une borne, gardé tel qu'il a été reçu",
        Tap,
        (
            col("reference", "tap_id", TEXT, "Identifiant du pointage.", "0123456789abcdef0123456789abcdef"),
            to("borne", "device_id", "bornes", "La borne.", "borne-hall"),
            col("epoque", "epoch", TEXT, "Époque de la borne.", "0a1b2c3d"),
            col("numero", "seq", COUNT, "Numéro dans l'époque.", "1"),
            col("type", "kind", TAP_KIND, "Ce qu'est ce geste.", "badge"),
            col("badge", "badge_uid", TEXT, "Badge lu.", "04A1B2C3"),
            col("enfant", "child_ref", TEXT, "Enfant appelé.", ""),
            col("nom_saisi", "typed_name", TEXT, "Nom tapé sur la borne.", ""),
            col("annule", "undoes", TEXT, "Pointage annulé.", ""),
            col("service", "service_ref", TEXT, "Service dit par la borne.", "cantine"),
            col("classe", "class_ref", TEXT, "Classe dite par la borne.", ""),
            col("sens", "direction", DIRECTION, "Sens dit par la borne.", "arrivée"),
            col("agent", "agent_ref", TEXT, "Agent qui fait l'appel.", ""),
            col("lu_le", "occurred_at", INSTANT, "Instant, à l'horloge de la borne.", "2026-11-24T07:45:00Z"),
            col("compteur_ms", "mono_ms", COUNT, "Compteur de la borne.", "0", default=0),
            col("demarrage", "boot_id", TEXT, "Démarrage de la borne.", "", default="import"),
            col("ecart_ms", "clock_offset_ms", OFFSET, "Écart d'horloge connu.", ""),
            col("age_ecart_ms", "clock_offset_age_ms", COUNT, "Âge de cet écart.", ""),
            col("recu_le", "received_at", INSTANT, "Vide : au moment de l'import.", "", default=NOW),
            col("instant", "occurred_at_corrected", INSTANT, "Instant retenu.", "2026-11-24T07:45:00Z"),
            col("confiance", "time_confidence", CONFIDENCE, "Sûreté de l'instant.", "sûre", default="assumed"),
            col("empreinte", "payload_hash", TEXT, "SHA-256 du message reçu.", "", default=""),
            col("signalements", "flags", TEXT, "Ce qu'une personne doit revoir.", "", default=""),
        ),
        rules=("undone_taps",),
    ),
    TownFile(
        "pointages_enfants",
        "Les enfants des pointages anonymisés",
        "un enfant qu'un pointage a amené, une fois son badge effacé",
        TapChild,
        (
            col("pointage", "tap_id", TEXT, "Le pointage.", "0123456789abcdef0123456789abcdef"),
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
        ),
        rules=("known_taps",),
    ),
    TownFile(
        "manques",
        "Les manques réglés",
        "un manque de pointages d'une borne, et ce qu'une personne en a dit",
        HoleSettlement,
        (
            to("borne", "device_id", "bornes", "La borne.", "borne-hall"),
            col("epoque", "epoch", TEXT, "Époque ; vide pour un silence.", ""),
            col("premier", "first_missing", COUNT, "Premier numéro manquant.", ""),
            col("dernier", "last_missing", COUNT, "Dernier numéro manquant.", ""),
            col("depuis", "from_at", INSTANT, "Début possible.", "2026-11-24T07:00:00Z"),
            col("jusqu_a", "until_at", INSTANT, "Fin possible.", "2026-11-24T09:00:00Z"),
            col("reglement", "outcome", OUTCOME, "Ce qui a été fait.", "liste saisie"),
            col("raison", "reason", TEXT, "Pourquoi.", "Liste papier saisie"),
            *recorded(),
        ),
    ),
    TownFile(
        "quarantaine",
        "Ce qui a été reçu sans être un pointage",
        "une chose mise de côté telle qu'elle a été reçue, ou son règlement",
        TapQuarantine,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la règle.", "1"),
            to("borne", "device_id", "bornes", "La borne ; vide si personne ne la connaît.", ""),
            col("octets", "content", BYTES, "Ce qui a été reçu ; vide pour un règlement.", "ew==", default=b""),
            col("empreinte", "content_hash", TEXT, "SHA-256, en hexadécimal.", _HASH),
            col("motif", "reason", TEXT, "Pourquoi c'est de côté.", "malformed"),
            col("detail", "detail", TEXT, "Le détail.", "", default=""),
            col("recu_le", "received_at", INSTANT, "Quand.", "2026-11-24T07:00:00Z"),
            to("regle", "settles_id", "quarantaine", "Numéro de la chose réglée.", ""),
            col("regle_par", "settled_by", TEXT, "Qui l'a réglée.", ""),
            col("suite", "outcome", SETTLED, "Ce qui en a été fait.", ""),
            col("note", "note", TEXT, "Pourquoi.", ""),
        ),
        key=("numero",),
        number="numero",
    ),
    TownFile(
        "decisions",
        "Les décisions de présence",
        "une décision sur un enfant, un service, un jour ; la dernière de chaque sorte compte",
        AttendanceDecision,
        (
            col("numero", None, whole(1), "Numéro de la ligne, si une autre la corrige.", "1"),
            to("enfant", "child_id", "personnes", "L'enfant.", "P000123"),
            to("service", "service_id", "services", "Le service.", "cantine"),
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("jour", "day", DAY, "Le jour.", "2026-11-24"),
            col("decision", "kind", DECISION, "Ce qui est décidé.", "absence justifiée"),
            col("instant", "occurred_at", INSTANT, "Heure corrigée, pour une arrivée ou un départ.", ""),
            col("pointage", "tap_id", TEXT, "Pointage rattaché.", ""),
            col("raison", "reason", TEXT, "Pourquoi.", "Certificat médical"),
            to("motif", "absence_reason_id", "motifs_absence", "Motif d'absence.", ""),
            *recorded(),
            to("corrige", "replaces_id", "decisions", "Numéro de la ligne corrigée.", ""),
        ),
        key=("numero",),
        number="numero",
        derived={"seq": numbered("child_id", "service_id", "day")},
        rules=("known_taps",),
    ),
    TownFile(
        "mois",
        "Les mois confirmés",
        "ce qui a été dit d'un mois d'un lieu ; la dernière ligne compte",
        MonthState,
        (
            to("structure", "structure_id", "structures", "Le lieu.", "jean-moulin"),
            col("mois", "month", DAY, "Premier jour du mois.", "2026-11-01"),
            col("etat", "state", MONTH, "Ce qui en est dit.", "confirmé"),
            col("raison", "reason", TEXT, "Pourquoi, pour rouvrir.", ""),
            *recorded(),
        ),
        derived={"seq": numbered("structure_id", "month")},
    ),
)
