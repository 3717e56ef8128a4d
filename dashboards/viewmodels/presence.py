"""Who is here, as staff read it: what needs somebody first, then each service at each place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dashboards.viewmodels.tables import Cell, Marked, Table
from domain.french import NBSP, clock, medium_date, number, plural, staff_name
from records.operations.presence_board import (
    ChildPresence,
    PresenceBoard,
    ServicePresence,
    UnknownPresence,
    Whereabouts,
)
from records.operations.presence_freshness import HEARD_MINUTES, TerminalsHeard

SILENT_NAMED = 2
IN_PROGRESS, WHOLE_DAY = "en-cours", "journee"
# Sign and word in the first column; the colour only repeats them (look notes, « Statuses »).
HERE = Marked(":blue-badge[● Sur place]")
GONE = Marked(":gray-badge[← Départ]")
CAME = Marked(":gray-badge[✓ Présence notée]")
TO_NOTE = Marked(":yellow-badge[○ À pointer]")
LATER = Marked("○ Attendu")
UNEXPECTED = Marked(":orange-badge[● Non prévu]")
NAMELESS = Marked(":red-badge[▲ Sans nom]")
STILL_IN = Marked(":orange-badge[● Départ à noter]")
JUSTIFIED = Marked(":violet-badge[◆ Absence justifiée]")
BILLED = Marked(":orange-badge[✗ Absence facturée]")
UNKNOWN_REASONS = {
    "unknown_badge": "badge inconnu",
    "typed_name": "nom saisi",
    "unknown_child": "enfant inconnu",
    "no_service": "aucun service ouvert à cette heure",
    "doubtful_time": "heure à vérifier",
    "revoked_device": "terminal retiré",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """The four figures of the page, for the services kept."""

    expected: int
    inside: int
    missing: int
    unexpected: int
    left: int


def services_kept(board: PresenceBoard, place: str | None, service: str) -> list[ServicePresence]:
    """Return the services chosen; « en cours » falls back to the whole day when nothing is running."""
    there = [each for each in board.services if place in (None, each.structure_ref)]
    if service == WHOLE_DAY:
        return there
    if service != IN_PROGRESS:
        return [each for each in there if each.service_ref == service]
    running = [each for each in there if each.has_begun and not each.is_over]
    return running or there


def counts(services: Sequence[ServicePresence]) -> Counts:
    """Return how many children, each once: one who goes from the canteen to the evening is one child."""
    return Counts(
        expected=_children(child for each in services for child in each.expected),
        inside=_children(child for each in services for child in each.inside),
        missing=_children(child for each in services for child in each.missing),
        unexpected=_children(child for each in services for child in each.unexpected),
        left=_children(child for each in services for child in each.left),
    )


def _children(found: Iterable[ChildPresence]) -> int:
    return len({child.child_id for child in found})


def metrics(found: Counts) -> list[tuple[str, str, str]]:
    """Return the figures of the page, each with its reference."""
    return [
        ("Sur place", number(found.inside), f"sur {plural(found.expected, 'attendu')}"),
        ("À pointer", number(found.missing), f"sur {plural(found.expected, 'attendu')}"),
        ("Non prévus", number(found.unexpected), "venus sans réservation"),
        ("Repartis", number(found.left), "départ noté"),
    ]


def headline(found: Counts, unknown: Sequence[UnknownPresence]) -> tuple[bool, str]:
    """Return whether somebody must act, and the one sentence that says so."""
    parts = []
    if found.missing:
        parts.append(plural(found.missing, "enfant attendu n'est pas noté", "enfants attendus ne sont pas notés"))
    if unknown:
        parts.append(plural(len(unknown), "passage sans nom à compléter", "passages sans nom à compléter"))
    if found.unexpected:
        parts.append(plural(found.unexpected, "enfant non prévu", "enfants non prévus"))
    if not parts:
        return False, "Tous les enfants attendus sont notés."
    return True, f"**{parts[0]}**" + "".join(f", {part}" for part in parts[1:]) + "."


def data_line(place: str, now_minute: int, heard: TerminalsHeard) -> str:
    """Return « Tous les lieux – données à 11 h 48, reçues de 3 terminaux sur 3 », silent ones named."""
    text = f"{place} – données à {clock(now_minute)}"
    if heard.total == 0:
        return f"{text}, aucun terminal installé"
    if heard.heard == 0:
        terminals = plural(heard.total, "terminal", "terminaux")
        return f"{text}, rien reçu depuis {HEARD_MINUTES}{NBSP}min ({terminals})"
    text += f", reçues de {plural(heard.heard, 'terminal', 'terminaux')} sur {number(heard.total)}"
    if not heard.silent:
        return f"{text} ✓"
    others = len(heard.silent) - SILENT_NAMED
    named = " · ".join(heard.silent[:SILENT_NAMED]) + (f" et {plural(others, 'autre')}" if others > 0 else "")
    return f"{text}{NBSP}; sans nouvelles de{NBSP}: {named}"


def to_settle(services: Sequence[ServicePresence], unknown: Sequence[UnknownPresence]) -> Table:
    """Return the work list: what, who, which service, since when; presences without a name come first."""
    rows: list[tuple[Cell, ...]] = [
        (NAMELESS, _nameless(each), each.structure_name, f"passage à {clock(each.occurred_minute)}")
        for each in unknown
    ]
    for service in services:
        label = f"{service.service_label}, {service.structure_name}"
        since = f"depuis {clock(service.slot_start_minute)}"
        rows += [(TO_NOTE, _who(child, service), label, since) for child in service.missing]
        rows += [(UNEXPECTED, _who(child, service), label, _arrival(child)) for child in service.unexpected]
        rows += [
            (STILL_IN, _who(child, service), label, _arrival(child))
            for child in service.inside
            if _stays_late(child)
        ]
    return Table(("Quoi", "Qui", "Service", "Depuis"), tuple(rows))


def service_title(service: ServicePresence) -> str:
    """Return « Cantine, École des Tilleuls (11 h 30 – 13 h 30) : 57 sur place, 60 attendus »."""
    hours = f"{clock(service.slot_start_minute)} – {clock(service.slot_end_minute)}"
    found = counts([service])
    if not service.has_begun:
        state = f"{plural(found.expected, 'attendu')}, pas encore commencé"
    elif service.is_over:
        came = _children(service.those(Whereabouts.INSIDE, Whereabouts.LEFT))
        state = f"{plural(came, 'venu')} sur {plural(found.expected, 'attendu')}, terminé"
    else:
        state = f"{number(found.inside)} sur place sur {plural(found.expected, 'attendu')}"
    return f"{service.service_label}, {service.structure_name} ({hours}){NBSP}: {state}"


def service_table(service: ServicePresence) -> Table:
    """Return the children of one service: state, who, and the times noted."""
    rows: list[tuple[Cell, ...]] = [
        (_state(child, service), _who(child, service), _times(child)) for child in service.children
    ]
    return Table(("État", "Enfant", "Horaires"), tuple(rows))


def day_words(day: date, today: date) -> str:
    """Return « Aujourd'hui, mardi 24 novembre », or the day alone."""
    return f"Aujourd'hui, {medium_date(day)}" if day == today else medium_date(day).capitalize()


def _who(child: ChildPresence, service: ServicePresence) -> str:
    name = staff_name(child.last_name, child.first_name)
    if service.service_kind == "daycare":  # small children have no class
        return name
    return f"{name}, {child.class_label or 'classe inconnue'}"


def _nameless(unknown: UnknownPresence) -> str:
    reason = UNKNOWN_REASONS.get(unknown.reason, unknown.reason)
    if unknown.typed_name:
        return f"«{NBSP}{unknown.typed_name}{NBSP}», {reason}"
    return f"Badge …{unknown.badge_uid[-4:]}, {reason}" if unknown.badge_uid else reason.capitalize()


def _arrival(child: ChildPresence) -> str:
    return "arrivée inconnue" if child.arrived_minute is None else f"arrivée à {clock(child.arrived_minute)}"


def _stays_late(child: ChildPresence) -> bool:
    return child.is_departure_missing and not child.is_unexpected


def _times(child: ChildPresence) -> str:
    if child.arrived_minute is None:
        return "" if child.left_minute is None else f"départ à {clock(child.left_minute)}, arrivée inconnue"
    arrived = clock(child.arrived_minute)
    if child.left_minute is not None:
        return f"{arrived} – {clock(child.left_minute)}"
    return f"{arrived}, départ non noté" if child.is_departure_missing else arrived


def _state(child: ChildPresence, service: ServicePresence) -> Marked:
    if child.whereabouts is Whereabouts.ABSENT:
        return JUSTIFIED if child.decision == "absent_justified" else BILLED
    if child.is_departure_missing:
        return STILL_IN
    if child.is_unexpected:
        return UNEXPECTED
    if child.whereabouts is Whereabouts.LEFT and not service.needs_departure:
        return CAME
    states = {
        Whereabouts.INSIDE: HERE,
        Whereabouts.LEFT: GONE,
        Whereabouts.MISSING: TO_NOTE,
        Whereabouts.AWAITED: LATER,
    }
    return states[child.whereabouts]
