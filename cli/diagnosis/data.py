"""Is this month's data complete: figures, terminals, holes, taps of nobody, lines without a price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli.diagnosis.finding import Finding, fault, ok, waiting
from domain.french import long_date, month_name, plural, short_date
from domain.time import local, local_day

if TYPE_CHECKING:
    from records.database import Records
    from warehouse.reader import Reader

NAMES_SHOWN = 3


def check_data(records: Records, home: Path) -> Iterator[Finding]:
    """Yield what is found about the data of this collectivity, as of now."""
    from sqlalchemy import select

    from records.models import Collectivity

    with records.read() as session:
        zone = session.scalar(select(Collectivity.timezone))
    if zone is None:
        yield waiting(
            "Collectivité", "elle n'est pas encore décrite", "Créez la démonstration, ou importez vos données."
        )
        return
    today = local_day(records.clock(), zone)
    yield _calendar(records, today)
    yield _tariffs(records, today)
    yield _state_values(records)
    yield _deadlines(records)
    yield from _holes(records)
    yield _quarantine(records)
    yield from _figures(records, home, today, zone)


def _calendar(records: Records, today: date) -> Finding:
    from sqlalchemy import func, select

    from records.models import CalendarDay, SchoolYear

    subject = "Calendrier"
    with records.read() as session:
        last = session.scalar(select(func.max(CalendarDay.day)))
        year_ends = session.scalar(select(func.max(SchoolYear.ends_on)))
    if last is None or last < today + timedelta(days=90):
        return waiting(subject, "il finit dans moins de trois mois", "Lancez « marelle calendar import ZONE ».")
    if year_ends is None or year_ends <= today:
        return waiting(subject, "aucune année scolaire n'est ouverte", "Ajoutez l'année scolaire qui vient.")
    return ok(subject, f"connu jusqu'au {short_date(last)}")


def _tariffs(records: Records, today: date) -> Finding:
    from records.operations.tariffs import tariff_faults

    with records.read() as session:
        faults = tariff_faults(session, today)
    if faults:
        return fault(
            "Tarifs", f"{faults[0].service_label} : {faults[0].message}", "Voyez « marelle tariffs check »."
        )
    return ok("Tarifs", f"chaque service a un prix pour tous les QF le {long_date(today)}")


def _deadlines(records: Records) -> Finding:
    """Tell the yearly tasks that are asked for, and that nobody is written to where no mail server is set."""
    from cli.settings import MAIL_VARIABLE, mail_address
    from records.actors import SETUP
    from records.operations.yearly_tasks import due_tasks

    subject = "Échéances"
    due = due_tasks(records, SETUP)
    if not due:
        return ok(subject, "aucune tâche de l'année n'est demandée")
    late = sum(task.is_late for task in due)
    told = f"{plural(len(due), 'tâche à faire', 'tâches à faire')}, dont {late} en retard : " if late else ""
    first = f"{told}{due[0].label}, au plus tard le {short_date(due[0].due_on)}"
    advice = "Voyez « marelle tasks due »."
    if mail_address() is None:
        advice += f" Sans serveur de messagerie ({MAIL_VARIABLE}), personne n'en reçoit le rappel."
    return waiting(subject, first, advice)


def _state_values(records: Records) -> Finding:
    """Warn when a release brings another value than the one that was entered: it never replaces it."""
    from records.operations.state_values import differing_values

    subject = "Valeurs nationales"
    with records.read() as session:
        found = differing_values(session)
    if not found:
        return ok(subject, "celles qui ont été saisies et celles de cette version s'accordent")
    one = found[0]
    what = (
        f"{one.description} au {short_date(one.valid_from)} : {one.value} a été saisi et reste en vigueur, "
        f"cette version dit {one.packaged}"
    )
    return waiting(subject, what, "Comparez avec le texte officiel ; la valeur saisie compte jusque-là.")


def _holes(records: Records) -> Iterator[Finding]:
    """Name what terminals have not sent: silent ones, and numbers that are missing."""
    from records.operations.holes import find_holes

    with records.read() as session:
        found = find_holes(session, records.clock())
    silent = sorted({hole.device_label for hole in found if hole.is_silence})
    if silent:
        what = f"{plural(len(silent), 'borne muette', 'bornes muettes')} : {_some(silent)}"
        yield waiting(
            "Bornes", what, "Vérifiez qu'elles sont allumées et sur le réseau : elles gardent tout jusque-là."
        )
    else:
        yield ok("Bornes", "aucune muette")
    holed = sorted({hole.device_label for hole in found if not hole.is_silence})
    if holed:
        count = sum(hole.missing or 0 for hole in found)
        lost = "n'est pas arrivé" if count == 1 else "ne sont pas arrivés"
        what = f"{plural(count, 'passage')} de {_some(holed)} {lost}"
        action = "Rallumez ces bornes ; si elles sont perdues, à la coordination de régler ces trous."
        yield waiting("Passages manquants", what, action)
    else:
        yield ok("Passages manquants", "aucun trou dans ce que les bornes ont envoyé")


def _quarantine(records: Records) -> Finding:
    from sqlalchemy import func, select

    from records.models import TapQuarantine

    with records.read() as session:
        settled = select(TapQuarantine.settles_id).where(TapQuarantine.settles_id.is_not(None))
        count = session.scalar(
            select(func.count())
            .select_from(TapQuarantine)
            .where(TapQuarantine.settles_id.is_(None), TapQuarantine.id.not_in(settled))
        )
    if count:
        return waiting("Quarantaine", plural(count, "envoi illisible gardé", "envois illisibles gardés"),
                    "Examinez-les sur la page « Terminaux » : rien n'est perdu.")  # fmt: skip
    return ok("Quarantaine", "vide")


def _figures(records: Records, home: Path, today: date, zone: str) -> Iterator[Finding]:
    from warehouse.errors import SnapshotDamaged, SnapshotMissing
    from warehouse.reader import open_snapshot

    subject = "Chiffres publiés"
    try:
        reader = open_snapshot(home)
    except (SnapshotMissing, SnapshotDamaged) as error:
        yield fault(subject, error.message, "Lancez « marelle warehouse build ».")
        return
    built = local(reader.snapshot.built_at, zone)
    when = f"calculés le {built:%d/%m/%Y à %H:%M}"
    behind = records.change_seq() - reader.snapshot.change_seq
    if behind:
        changes = plural(behind, "changement n'y est pas encore", "changements n'y sont pas encore")
        yield waiting(subject, f"{when} ; {changes}", "Lancez « marelle run » ou « marelle warehouse build ».")
    else:
        yield ok(subject, when)
    yield _coherence(reader)
    yield from _month(reader, today)


def _coherence(reader: Reader) -> Finding:
    """Count what is missing or contradicts itself in the files, the bills at stake first."""
    subject, faults = "Cohérence", reader.coherence_faults()
    if not faults:
        return ok(subject, "dossiers, inscriptions et papiers sont complets")
    blocking = [each for each in faults if each.severity == "blocking"]
    first = (blocking or faults)[0]
    what = (
        f"{plural(len(faults), 'point')} à régler, dont {plural(len(blocking), 'bloque', 'bloquent')} une facture"
    )
    return waiting(
        subject, f"{what} : {first.message}", "Voyez « marelle query "
        "\"select owner_role, rule, message from fct_coherence_faults\" »."
    )  # fmt: skip


def _month(reader: Reader, today: date) -> Iterator[Finding]:
    """The month of the last tap: in the first days of a month or in holidays, the one before."""
    month = _last_month_with_stays(reader, today)
    last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    taps = reader.unresolved_taps(month, last)
    subject = f"Passages de {month_name(month)}"
    if taps:
        what = plural(len(taps), "passage ne compte", "passages ne comptent")
        yield waiting(subject, f"{what} encore pour personne", "À la coordination de les rattacher à un enfant.")
    else:
        yield ok(subject, "chacun est rattaché à un enfant")
    faults = reader.pricing_faults(month)
    subject = f"Lignes de {month_name(month)}"
    if faults:
        lines = len({each.line_key for each in faults})
        yield waiting(subject, f"{plural(lines, 'ligne')} à compléter : {faults[0].message}", "")
    else:
        yield ok(subject, "toutes ont un prix")


def _last_month_with_stays(reader: Reader, today: date) -> date:
    found = reader.sql("select max(day) as day from fct_stays").to_pylist()[0]["day"]
    return min(found or today, today).replace(day=1)


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" et {plural(more, 'autre')}" if more > 0 else "")
