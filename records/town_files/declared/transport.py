"""Files of transport: lines, their stops, and who boards and alights where."""

from __future__ import annotations

from records.models import TransportLine, TransportSeat, TransportStop
from records.town_files.columns import TownFile, col, to
from records.town_files.kinds import CLOCK, DAY, REF, TEXT, WEEKDAY, YES_NO, choice, whole

DIRECTION = choice({"aller": "outward", "retour": "return"})
_START = "Premier jour."
_END = "Premier jour qui n'en fait plus partie ; vide sans fin."

FILES = (
    TownFile(
        "transports_lignes",
        "Les lignes de transport",
        "une ligne, dans un sens",
        TransportLine,
        (
            col("reference", "ref", REF, "Référence de la ligne.", "ligne-1-aller"),
            to("service", "service_id", "services", "Le service de transport.", "car-du-mercredi"),
            col("libelle", "label", TEXT, "Nom affiché.", "Ligne 1, aller"),
            col("sens", "direction", DIRECTION, "Aller ou retour.", "aller"),
            col("exploitant", "operated_by", TEXT, "L'autorité qui l'exploite ; vide : la collectivité.", ""),
            col("est_facturee", "is_billed", YES_NO, "La ligne est facturée.", "oui"),
            col("places", "seats", whole(1), "Places assises ; vide : sans limite.", "53"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("reference",),
    ),
    TownFile(
        "transports_arrets",
        "Les arrêts des lignes",
        "un arrêt d'une ligne, pendant une période",
        TransportStop,
        (
            col(
                "numero", None, whole(1), "Numéro de la ligne, pour qui y monte ou en descend.", "1", is_needed=True
            ),
            to("ligne", "line_id", "transports_lignes", "La ligne.", "ligne-1-aller"),
            col("position", "position", whole(1, 999), "Rang de l'arrêt dans le trajet.", "1"),
            col("libelle", "label", TEXT, "Nom affiché.", "Place du marché"),
            col("heure", "local_minute", CLOCK, "Heure de passage.", "08:00"),
            to("structure", "structure_id", "structures", "Le lieu desservi, s'il est un des nôtres.", ""),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        key=("numero",),
        number="numero",
    ),
    TownFile(
        "transports_trajets",
        "Qui monte et descend où",
        "une inscription sur une ligne, un jour de semaine ou chacun",
        TransportSeat,
        (
            to("inscription", "enrolment_id", "inscriptions", "L'inscription au transport.", "I000456"),
            to("ligne", "line_id", "transports_lignes", "La ligne.", "ligne-1-aller"),
            col("jour", "weekday", WEEKDAY, "Jour de semaine ; vide : chacun de ses jours.", ""),
            to("monte", "boards_at_id", "transports_arrets", "Numéro de l'arrêt de montée.", "1"),
            to("descend", "alights_at_id", "transports_arrets", "Numéro de l'arrêt de descente.", "2"),
            col("debut", "valid_from", DAY, _START, "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, _END, ""),
        ),
        rules=("seats",),
    ),
)
