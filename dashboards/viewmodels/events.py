"""Closures, strikes and outings, as people read and type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dashboards.viewmodels.caf_entries import typed_day
from dashboards.viewmodels.tables import Table
from domain.errors import InvalidData
from domain.french import NBSP, clock, short_date, typeset
from records.operations.events import EventSeen, NewEvent

KIND_WORDS = {
    "closure": "Fermeture",
    "strike": "Grève, service fermé",
    "strike_served": "Grève, service assuré",
    "outing": "Sortie d'une classe",
}
EVERY_PLACE, EVERY_SERVICE, EVERY_CLASS = "Toute la ville", "Tous les services", "Toutes les classes"
_HOUR = 60


def days_words(event: NewEvent) -> str:
    """Return « 4 déc. 2026 », « du 4 au 6 », with the hours where it does not last the whole day."""
    last = event.ends_on - timedelta(days=1)
    if last == event.starts_on:
        words = short_date(event.starts_on)
    else:
        words = f"du {short_date(event.starts_on)} au {short_date(last)}"
    if event.start_minute is None or event.end_minute is None:
        return words
    return f"{words}, {clock(event.start_minute)} – {clock(event.end_minute)}"


def events_table(found: Sequence[EventSeen], names: Mapping[str, str], today: date) -> Table:
    """Return the events, the next first; `names` are those of places, services and classes by their refs."""
    rows = tuple(
        (
            _state(each, today),
            days_words(event),
            KIND_WORDS[event.kind],
            event.label,
            " – ".join(
                (
                    _named(names, event.structure_ref, EVERY_PLACE),
                    *([_named(names, event.class_ref, "")] if event.class_ref else []),
                )
            ),
            _named(names, event.service_ref, EVERY_SERVICE),
        )
        for each in found
        for event in (each.kept.what,)
    )
    return Table(("État", "Jours", "Nature", "Nom", "Lieu", "Service"), rows)


def headline(found: Sequence[EventSeen], today: date) -> str:
    """Return what comes next, or that nothing does."""
    coming = [each.kept.what for each in found if not each.is_cancelled and each.kept.what.ends_on > today]
    if not coming:
        return "Rien à venir : tous les services ouvrent selon leurs horaires et les vacances scolaires."
    first = min(coming, key=lambda event: event.starts_on)
    return f"**{first.label}**, {days_words(first)} ({KIND_WORDS[first.kind].lower()})."


def standing(found: Sequence[EventSeen]) -> dict[str, str]:
    """Return the events that can still be taken back, by ref."""
    return {
        each.kept.what.ref: f"{each.kept.what.label}, {days_words(each.kept.what)}"
        for each in found
        if not each.is_cancelled
    }


def typed_event(ref: str, texts: Mapping[str, str], choices: Mapping[str, str | None]) -> NewEvent:
    """Return the event typed: `label`, `first`, `last`, `start`, `end`; the last day may be left out.

    Raises InvalidData where a day or an hour is not one.
    """
    label = texts["label"].strip()
    if not label:
        raise InvalidData("Donnez un nom à l'événement, celui que les agents liront. Rien n'a été enregistré.")
    first = typed_day(texts["first"])
    last = typed_day(texts["last"]) if texts["last"].strip() else first
    return NewEvent(
        ref,
        str(choices["kind"]),
        label,
        first,
        last + timedelta(days=1),
        choices["structure"],
        choices["class"],
        choices["service"],
        typed_minute(texts["start"]),
        typed_minute(texts["end"]),
    )


def typed_minute(text: str) -> int | None:
    """Return the minute of the day of « 8 h 30 », « 8:30 » or « 14 h », None for nothing; raises InvalidData."""
    plain = text.replace(NBSP, "").replace(" ", "").lower().replace(":", "h")
    if not plain:
        return None
    hour, separator, minute = plain.partition("h")
    parts = (hour, minute or "0")
    if not separator or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidData(typeset(f"« {text.strip()} » n'est pas une heure. Écrivez par exemple 8 h 30."))
    found = int(parts[0]) * _HOUR + int(parts[1])
    if int(parts[1]) >= _HOUR or found > 24 * _HOUR:
        raise InvalidData(
            typeset(f"« {text.strip()} » n'est pas une heure du jour. Écrivez une heure entre 0 h et 24 h.")
        )
    return found


def _named(names: Mapping[str, str], ref: str | None, every: str) -> str:
    return names.get(ref, ref) if ref else every


def _state(each: EventSeen, today: date) -> str:
    if each.is_cancelled:
        return "Annulé"
    event = each.kept.what
    if event.ends_on <= today:
        return "Passé"
    return "En cours" if event.starts_on <= today else "À venir"
