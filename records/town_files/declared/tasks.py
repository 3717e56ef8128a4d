"""Files of the yearly calendar of administrators' tasks."""

from __future__ import annotations

from records.models import YearlyTask, YearlyTaskMark
from records.operations.rights import RIGHT_WORDS
from records.operations.yearly_tasks import NOTICE_MAX, TASK_RIGHTS
from records.town_files.columns import NOW, SIGNATURE, TownFile, col, numbered, to
from records.town_files.kinds import DAY, INSTANT, REF, TEXT, YES_NO, choice, whole

WHO = choice({RIGHT_WORDS[right].casefold(): str(right) for right in TASK_RIGHTS})

FILES = (
    TownFile(
        "taches",
        "Les tâches de l'année",
        "une tâche qui revient chaque année",
        YearlyTask,
        (
            col("reference", "ref", REF, "Référence de la tâche.", "annee-scolaire"),
            col("libelle", "label", TEXT, "Ce qu'il faut faire.", "Préparer l'année scolaire"),
            col("comment", "how", TEXT, "Comment le faire.", ""),
            col("mois", "due_month", whole(1, 12, "mois"), "Mois où elle est due.", "5"),
            col("jour", "due_day", whole(1, 31, "jour"), "Jour du mois où elle est due.", "15"),
            col("rappel_jours", "notice_days", whole(0, NOTICE_MAX, "jours"), "Jours de rappel avant.", "30"),
            col("qui", "held_right", WHO, "Droit de qui la fait.", RIGHT_WORDS[TASK_RIGHTS[2]].casefold()),
            col("debut", "valid_from", DAY, "Premier jour.", "2026-09-01"),
            col("fin_exclue", "valid_to", DAY, "Premier jour où elle ne revient plus ; vide sans fin.", ""),
        ),
        key=("reference",),
        rules=("yearly_days",),
    ),
    TownFile(
        "taches_faites",
        "Les tâches faites",
        "une tâche notée faite, ou pas faite après tout, pour une échéance",
        YearlyTaskMark,
        (
            to("tache", "task_id", "taches", "La tâche.", "annee-scolaire"),
            col("echeance", "due_on", DAY, "Jour où elle était due.", "2027-05-15"),
            to("lieu", "structure_id", "structures", "Le lieu qui l'a faite pour lui ; vide : pour tous.", ""),
            col("faite", "is_done", YES_NO, "Faite ; « non » corrige une note.", "oui"),
            col("remarque", "comment", TEXT, "Remarque.", ""),
            col("enregistre_le", "recorded_at", INSTANT, "Vide : au moment de l'import.", "", default=NOW),
            col("enregistre_par", "recorded_by", TEXT, "Vide : qui importe.", "", default=SIGNATURE),
        ),
        derived={"seq": numbered("task_id", "due_on")},
    ),
)
