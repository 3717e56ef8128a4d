"""Children and adults by half hour, as directors read them: where adults lack, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards.viewmodels.tables import Cell, Marked, Table
from domain.french import NBSP, WEEKDAYS, clock, medium_date, number, plural, short_date, staff_name, typeset
from records.operations.staff_plans import StaffPlanSeen
from warehouse.reader import StaffingRow

HALF_HOUR, LABELS_MAX = 30, 12
SHORT = Marked(":red-badge[▲ Manque]")
ENOUGH = Marked(":green-badge[✓ Assez]")
NOT_SAID = Marked(":yellow-badge[○ À prévoir]")
NO_VALUE = Marked(":red-badge[▲ Taux inconnu]")
PERIODS = {"school": "semaines d'école", "holiday": "vacances"}


@dataclass(frozen=True, slots=True)
class ShortSpan:
    """Half hours that follow each other at a place, all short of adults, and the worst of them."""

    first: StaffingRow
    worst: StaffingRow
    end_minute: int
    missing: int
    required: int
    planned: int
    can_director_count: bool


def missing(row: StaffingRow) -> int | None:
    """Return how many adults lack; None when what is asked for or planned is not known."""
    if row.required is None or row.planned is None:
        return None
    return max(0, row.required - row.planned)


def state(row: StaffingRow) -> Marked:
    """Return the sign and word of a half hour."""
    if row.required is None:
        return NO_VALUE
    if row.planned is None:
        return NOT_SAID
    return SHORT if missing(row) else ENOUGH


def children(row: StaffingRow) -> int:
    """Return everybody there at the peak."""
    return row.under_6 + row.from_6 + row.daycare


def coming(rows: Iterable[StaffingRow], today: date) -> list[StaffingRow]:
    """Return what is still to come: today's slots that are not over, and the days after."""
    return [row for row in rows if row.day >= today and row.is_planned]


def past(rows: Iterable[StaffingRow], today: date) -> list[StaffingRow]:
    """Return what is over."""
    return [row for row in rows if row.day <= today and not row.is_planned]


def short_spans(rows: Iterable[StaffingRow]) -> list[ShortSpan]:
    """Return the spans that lack adults, the next to come first."""
    spans: list[list[StaffingRow]] = []
    lacking = [row for row in rows if missing(row)]
    for row in sorted(lacking, key=lambda row: (row.structure_ref, row.day, row.half_hour)):
        before = spans[-1][-1] if spans else None
        if before is not None and _goes_on(before, row):
            spans[-1].append(row)
        else:
            spans.append([row])
    found = [_span(span) for span in spans]
    return sorted(found, key=lambda span: (span.first.day, span.first.half_hour, span.first.structure_label))


def _goes_on(before: StaffingRow, row: StaffingRow) -> bool:
    return (before.structure_ref, before.day, before.half_hour + HALF_HOUR) == (
        row.structure_ref, row.day, row.half_hour,
    )  # fmt: skip


def _span(rows: Sequence[StaffingRow]) -> ShortSpan:
    worst = max(rows, key=lambda row: missing(row) or 0)
    return ShortSpan(
        rows[0],
        worst,
        rows[-1].half_hour + HALF_HOUR,
        missing(worst) or 0,
        worst.required or 0,
        worst.planned or 0,
        not any(row.is_director_apart or row.daycare for row in rows),
    )


def hours_words(start: int, end: int) -> str:
    """Return « 16 h 30 – 17 h 30 »."""
    return f"{clock(start)} – {clock(end)}"


def tipping_words(row: StaffingRow) -> str:
    """Return whose booking tips the ratio, and when it came."""
    if row.tipping_child_ref is None:
        return "inconnue"
    name = staff_name(row.tipping_last_name or "", row.tipping_first_name or "")
    if row.tipping_booked_on is None:
        return f"{name}, semaine habituelle ({row.tipping_service_label})"
    late = ", hors délai" if row.is_tipping_late else ""
    return f"{name}, réservé le {short_date(row.tipping_booked_on)}{late} ({row.tipping_service_label})"


def advice(span: ShortSpan) -> str:
    """Return what can be done about a span."""
    adults = plural(span.missing, "animateur")
    director = " (ou la direction, si elle anime)" if span.can_director_count and span.missing == 1 else ""
    return f"Ajoutez {adults}{director} ou proposez une autre place"


def work_table(rows: Iterable[StaffingRow]) -> Table:
    """Return the spans to settle, the next to come first."""
    columns = ("Quand", "Lieu", "Heures", "Demandés", "Prévus", "Réservation qui fait passer", "Que faire")
    lines: list[tuple[Cell, ...]] = [
        (
            medium_date(span.first.day).capitalize(),
            span.first.structure_label,
            hours_words(span.first.half_hour, span.end_minute),
            span.required,
            span.planned,
            tipping_words(span.worst),
            advice(span),
        )
        for span in short_spans(rows)
    ]
    return Table(columns, tuple(lines))


def headline(rows: Sequence[StaffingRow], today: date) -> tuple[bool, str]:
    """Return whether somebody must act, and the sentence that says so."""
    ahead = coming(rows, today)
    if any(row.required is None for row in ahead):
        return True, (
            "**Un taux d'encadrement n'a pas de valeur à ces dates**, ces demi-heures ne sont pas jugées. Demandez "
            "à l'administration de le saisir dans « Paramètres nationaux »."
        )
    spans = short_spans(ahead)
    if spans:
        first = spans[0].first
        return True, (
            f"**{plural(len(spans), 'moment')} sans assez d'animateurs**{NBSP}: le premier, "
            f"{medium_date(first.day)} à {clock(first.half_hour)}, {first.structure_label}. Ajoutez quelqu'un, ou "
            "proposez une autre place à qui a réservé en dernier."
        )
    unsaid = sum(row.planned is None for row in ahead)
    if unsaid:
        return True, (
            f"**Équipe non saisie pour {plural(unsaid, 'demi-heure')} à venir.** Dites ci-dessous combien "
            f"d'animateurs sont prévus{NBSP}: la page les compare au minimum légal."
        )
    if not ahead:
        return False, "Aucun accueil à venir dans les chiffres publiés."
    return False, f"Assez d'animateurs prévus jusqu'au {medium_date(max(row.day for row in ahead))}."


def figures(rows: Sequence[StaffingRow], today: date) -> list[tuple[str, str, str]]:
    """Return the metrics of the page: label, value, and what it is to be compared with."""
    of_today = [row for row in rows if row.day == today]
    ahead, behind = coming(rows, today), past(rows, today)
    return [
        _peak("Au plus fort aujourd'hui", of_today, "aucun accueil"),
        _peak("Au plus fort à venir", [row for row in ahead if row.day > today], "rien de prévu"),
        _count("À découvert, à venir", ahead),
        _count("À découvert, passées", behind),
    ]


def _peak(label: str, rows: Sequence[StaffingRow], otherwise: str) -> tuple[str, str, str]:
    known = [row for row in rows if row.required is not None]
    if not known:
        return label, "–", otherwise
    worst = max(known, key=lambda row: (row.required or 0, children(row), -row.day.toordinal(), -row.half_hour))
    if worst.planned is None:
        return label, plural(children(worst), "enfant"), _adults(worst)
    asked = plural(worst.required or 0, "demandé")
    return label, plural(children(worst), "enfant"), f"{asked}, {plural(worst.planned, 'prévu')}"


def _adults(row: StaffingRow) -> str:
    return plural(row.required or 0, "adulte demandé", "adultes demandés")


def _count(label: str, rows: Sequence[StaffingRow]) -> tuple[str, str, str]:
    known = [row for row in rows if missing(row) is not None]
    return (
        label,
        number(sum(bool(missing(row)) for row in known)),
        f"sur {plural(len(known), 'demi-heure')}",
    )


def day_table(rows: Sequence[StaffingRow]) -> Table:
    """Return the half hours of one day at one place."""
    has_daycare = any(row.daycare for row in rows)
    youngest = ("Petite enfance",) if has_daycare else ()
    columns = ("État", "Demi-heure", "Au plus fort à", "Moins de 6 ans", "6 ans et plus", *youngest)
    lines = [_day_line(row, has_daycare) for row in rows]
    return Table((*columns, "Demandés", "Prévus", "Direction"), tuple(lines))


def _day_line(row: StaffingRow, has_daycare: bool) -> tuple[Cell, ...]:
    return (
        state(row),
        hours_words(row.half_hour, row.half_hour + HALF_HOUR),
        clock(row.peak_minute),
        row.under_6,
        row.from_6,
        *((_youngest(row),) if has_daycare else ()),
        "inconnu" if row.required is None else str(row.required),
        "non saisi" if row.planned is None else str(row.planned),
        "en plus" if row.is_director_apart else "peut compter" if not row.daycare else "à part",
    )


def _youngest(row: StaffingRow) -> Cell:
    """Return the children of a crèche, and how many of them walk where they are counted apart."""
    if not row.daycare_walking:
        return row.daycare
    walking = plural(row.daycare_walking, "marche", "marchent")
    return typeset(f"{row.daycare}, dont {walking}")


def week_table(rows: Iterable[StaffingRow], today: date) -> Table:
    """Return the weeks gone by: how many half hours were short, and the worst, the latest week first."""
    weeks: dict[date, list[StaffingRow]] = {}
    for row in past(rows, today):
        weeks.setdefault(row.day - timedelta(days=row.day.weekday()), []).append(row)
    lines: list[tuple[Cell, ...]] = []
    for monday, some in sorted(weeks.items(), reverse=True):
        most = max(some, key=lambda row: (children(row), row.required or 0))
        lacking = [row for row in some if missing(row)]
        worst = max(lacking, key=lambda row: missing(row) or 0, default=None)
        words = "aucune" if worst is None else f"{medium_date(worst.day)}, {clock(worst.half_hour)}"
        lines.append(
            (
                f"Semaine du {short_date(monday)}",
                len(some),
                sum(row.planned is None for row in some),
                len(lacking),
                words,
                f"{children(most)}, {medium_date(most.day)} à {clock(most.peak_minute)}",
            )
        )
    columns = ("Semaine", "Demi-heures", "Équipe non saisie", "À découvert", "La pire", "Le plus d'enfants")
    return Table(columns, tuple(lines))


def plan_table(plans: Sequence[StaffPlanSeen]) -> Table:
    """Return what was said of the team, the last entered first."""
    lines: list[tuple[Cell, ...]] = [
        (
            medium_date(plan.valid_from).capitalize()
            if plan.is_one_day
            else f"Chaque {WEEKDAYS[plan.weekday]}, {PERIODS[plan.period]}, dès le {short_date(plan.valid_from)}",
            hours_words(plan.start_minute, plan.end_minute),
            plan.animators,
            plan.recorded_by,
        )
        for plan in reversed(plans)
    ]
    return Table(("Quand", "Heures", "Animateurs", "Saisi par"), tuple(lines))


def chart_title(rows: Sequence[StaffingRow]) -> str:
    """Return the finding of a day at a place."""
    lacking = [row for row in rows if missing(row)]
    if lacking:
        worst = max(lacking, key=lambda row: missing(row) or 0)
        return f"Il manque {plural(missing(worst) or 0, 'animateur')} à {clock(worst.half_hour)}"
    if any(row.planned is None for row in rows):
        most = max(rows, key=lambda row: (row.required or 0, children(row)))
        return f"{_adults(most)} au plus fort, à {clock(most.peak_minute)}"
    return "Assez d'animateurs toute la journée"


def ratio_words(rows: Iterable[StaffingRow]) -> str:
    """Return the legal minimum of each care of a day, with what decides it; empty where it is a crèche's alone."""
    found = {
        (row.care, row.has_pedt, row.under_6_per, row.from_6_per)
        for row in rows
        if row.under_6_per is not None and row.from_6_per is not None
    }
    return typeset(
        " ".join(
            f"Minimum légal, {_CARES[care]}{_pedt_words(care, has_pedt)} : un animateur pour {under_6} enfants de "
            f"moins de 6 ans, et pour {from_6} de 6 ans et plus."
            for care, has_pedt, under_6, from_6 in sorted(found, key=lambda each: _CARE_ORDER.index(each[0]))
        )
    )


_CARES = {"short": "accueil de 5 h au plus", "long": "accueil de plus de 5 h", "holiday": "vacances"}
_CARE_ORDER = tuple(_CARES)


def _pedt_words(care: str, has_pedt: bool) -> str:
    if care == "holiday":
        return ""
    return ", dans un PEDT" if has_pedt else ", sans PEDT"


def half_hour_labels(rows: Iterable[StaffingRow]) -> dict[str, str]:
    """Return the words under each bar: « 16 h 30 », and whole hours alone where all would not fit."""
    kept = list(rows)
    return {
        f"{row.half_hour:04d}": clock(row.half_hour) if len(kept) <= LABELS_MAX or row.half_hour % 60 == 0 else ""
        for row in kept
    }
