"""Rules of answers, yearly checks and tasks, teachers, seats in transport, séjours and classes of pupils."""

from __future__ import annotations

from itertools import pairwise

from domain.capacity import age_in_months, age_words
from domain.yearly_tasks import is_yearly_day
from records.models import Question
from records.operations.answers import checked_answer
from records.town_files.rules.rule import Town, in_force_somewhere, refusal, refuse_overlaps, rows_of, rule
from records.town_files.sheet import Sheet

_REVIEW = (("demande_le", "asked_on"), ("recu_le", "received_on"), ("complet_le", "completed_on"))


@rule("answers", "La réponse est du type que la question demande, ou un de ses choix.")
def answers(town: Town, sheet: Sheet) -> None:
    """Refuse an answer that its question could not take."""
    asked = town.sheets["questions"]
    for row, question_id, value in rows_of(sheet, "question_id", "value"):
        if not town.is_sound("questions", question_id):
            continue
        place = question_id - asked.first_id
        fields = {name: asked.of(name)[place] for name in ("ref", "label", "answer_type", "choices")}
        message = refusal(checked_answer, Question(**fields), value)
        if message is not None:
            sheet.refuse(row, "valeur", "bad_answer", message)


@rule("review_days", "Un dossier est demandé, puis reçu, puis complet : jamais avant.")
def review_days(town: Town, sheet: Sheet) -> None:
    """Refuse a file that came back before it was asked for, or was complete before it came."""
    for row, *days in rows_of(sheet, *(name for _, name in _REVIEW)):
        known = [(column, day) for (column, _), day in zip(_REVIEW, days, strict=True) if day is not None]
        for (before, one), (after, other) in pairwise(known):
            if other < one:
                sheet.refuse(row, after, "bad_order", f"Ce jour vient avant {before}. Vérifiez les deux dates.")


@rule("yearly_days", "Une tâche tombe un jour que chaque année a : pas le 29 février.")
def yearly_days(town: Town, sheet: Sheet) -> None:
    """Refuse a day that no month, or not every year, has."""
    for row, month, day in rows_of(sheet, "due_month", "due_day"):
        if not is_yearly_day(month, day):
            sheet.refuse(row, "jour", "bad_day", "Ce mois n'a pas ce jour chaque année. Choisissez-en un autre.")


@rule("teachers", "Une personne n'a une classe qu'une fois à la fois.")
def teachers(town: Town, sheet: Sheet) -> None:
    """Refuse the same class given twice to somebody at the same time."""
    refuse_overlaps(sheet, "Cette classe de cette personne", "class_id", "account_id")


@rule("seats", "L'inscription est au service de la ligne ; la montée vient avant la descente, sur cette ligne.")
def seats(town: Town, sheet: Sheet) -> None:
    """Refuse a seat on a line of another service, and stops of another line or in the wrong order."""
    fields = ("enrolment_id", "line_id", "boards_at_id", "alights_at_id")
    for row, enrolment, line, boards, alights in rows_of(sheet, *fields):
        stops = [town.is_sound("transports_arrets", stop) for stop in (boards, alights)]
        if not (
            town.is_sound("inscriptions", enrolment) and town.is_sound("transports_lignes", line) and all(stops)
        ):
            continue
        own = town.value("inscriptions", "service_id", enrolment)
        if own != town.value("transports_lignes", "service_id", line):
            sheet.refuse(row, "ligne", "other_service", "L'inscription n'est pas au service de cette ligne.")
        for column, stop in (("monte", boards), ("descend", alights)):
            if town.value("transports_arrets", "line_id", stop) != line:
                sheet.refuse(row, column, "other_line", "Cet arrêt est celui d'une autre ligne.")
        first, last = (town.value("transports_arrets", "position", stop) for stop in (boards, alights))
        if first >= last and boards != alights:
            sheet.refuse(row, "descend", "bad_order", "La descente vient après la montée, dans l'ordre du trajet.")


@rule(
    "sejours", "Le service est un service de séjours, proposé à ce lieu le premier jour ; le tarif est du service."
)
def sejours(town: Town, sheet: Sheet) -> None:
    """Refuse a séjour of another kind of service, or where it is not offered."""
    fields = ("service_id", "structure_id", "starts_on", "tariff_id")
    for row, service, structure, starts_on, tariff in rows_of(sheet, *fields):
        if not town.is_sound("services", service):
            continue
        if town.value("services", "kind", service) != "sejour":
            sheet.refuse(row, "service", "not_a_sejour", "Ce service n'est pas un service de séjours.")
        elif _is_of_another(town, tariff, service):
            sheet.refuse(row, "tarif", "bad_tariff", "Ce tarif est celui d'un autre service.")
        elif not in_force_somewhere(town, service, structure, starts_on):
            message = "Ce service n'est pas proposé à ce lieu le premier jour (services_lieux.csv)."
            sheet.refuse(row, "structure", "not_offered", message)


def _is_of_another(town: Town, tariff: int | None, service: int) -> bool:
    if tariff is None or not town.is_sound("tarifs", tariff):
        return False
    return bool(town.value("tarifs", "service_id", tariff) != service)


@rule("sejour_enrolments", "L'inscription à un séjour couvre ses jours, et l'enfant a l'âge au premier.")
def sejour_enrolments(town: Town, sheet: Sheet) -> None:
    """Refuse an enrolment that is not of its séjour's service, place and days, or a child out of its ages."""
    fields = ("sejour_id", "person_id", "service_id", "structure_id", "valid_from", "valid_to")
    for row, sejour, person, *own in rows_of(sheet, *fields):
        if sejour is None or not (town.is_sound("sejours", sejour) and town.is_sound("personnes", person)):
            continue
        wanted = ("service_id", "structure_id", "starts_on", "ends_on")
        if own != [town.value("sejours", name, sejour) for name in wanted]:
            message = "L'inscription doit avoir le service, le lieu et les jours du séjour (sejours.csv)."
            sheet.refuse(row, "sejour", "bad_sejour", message)
            continue
        _refuse_age(town, sheet, row, (sejour, person))


def _refuse_age(town: Town, sheet: Sheet, row: int, who: tuple[int, int]) -> None:
    sejour, person = who
    born = town.value("personnes", "birth_date", person)
    if born is None:
        sheet.refuse(row, "personne", "no_birth_date", "Le séjour a un âge : donnez la date de naissance.")
        return
    youngest, oldest = (town.value("sejours", name, sejour) for name in ("age_from_months", "age_to_months"))
    if not youngest <= age_in_months(born, town.value("sejours", "starts_on", sejour)) < oldest:
        message = f"Ce séjour est pour les enfants de {age_words(youngest)} à moins de {age_words(oldest)}."
        sheet.refuse(row, "personne", "bad_age", message)


@rule("class_days", "Un élève est dans une classe pendant l'année scolaire de la classe.")
def class_days(town: Town, sheet: Sheet) -> None:
    """Refuse a pupil in a class out of its school year."""
    for row, room, starts, ends in rows_of(sheet, "class_id", "valid_from", "valid_to"):
        if not town.is_sound("classes", room):
            continue
        year = town.value("classes", "school_year_id", room)
        if not town.is_sound("annees_scolaires", year):
            continue
        first, last = (town.value("annees_scolaires", name, year) for name in ("starts_on", "ends_on"))
        if not first <= starts < last:
            sheet.refuse(row, "debut", "out_of_year", "Ce jour n'est pas dans l'année scolaire de la classe.")
        elif ends is not None and ends > last:
            sheet.refuse(row, "fin_exclue", "out_of_year", "La fin dépasse l'année scolaire de la classe.")
