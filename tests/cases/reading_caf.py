"""From the YAML cases of the CAF, in a director's words, to places, totals of a year, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.cases.reading import Case, read_case
from tests.cases.reading_prices import check_keys, number
from tests.cases.reading_services import load
from tests.oracles.caf_world import CafPlace, Scale

FOLDER = Path(__file__).parent / "caf"
_OWN = ("AEEH",)
_SUPPLEMENTS = "compléments selon le régime"


@dataclass(frozen=True)
class HoursCase:
    """Days of children at a place, and the hours that each makes."""

    case: Case
    place: CafPlace
    expected: list[Mapping[str, str]]


@dataclass(frozen=True)
class YearCase:
    """The totals of a place over a year; hours are those that are declared."""

    name: str
    about: Mapping[str, Any]
    expected: Mapping[str, str]

    @property
    def year(self) -> int:
        """Return the calendar year."""
        return int(self.about["année"])

    @property
    def scale(self) -> Scale:
        """Return the amounts of the year as somebody typed them; what is not said is missing."""
        said = self.about.get("barème", {})
        check_keys(said, {*SCALE_WORDS, _SUPPLEMENTS}, self.name)
        amounts = {SCALE_WORDS[word]: number(amount) for word, amount in said.items() if word in SCALE_WORDS}
        by_regime = said[_SUPPLEMENTS] == "oui" if _SUPPLEMENTS in said else None
        return Scale(**amounts, by_regime=by_regime)

    def amount(self, word: str) -> Decimal | None:
        """Return a number of the case; None when it says nothing or « aucun »."""
        return _amount(self.about, word)

    def amount_of(self, part: str, word: str) -> Decimal | None:
        """Return a number of a part of the case, as `amount` does."""
        return _amount(self.about.get(part, {}), word)

    @property
    def services(self) -> list[tuple[int, int]]:
        """Return the slots of the services of a day, in minutes: one of the whole day where the case names none."""
        if "services" in self.about:
            return _spans(self.about["services"])
        if "ouvertures" in self.about:
            return [(420, 1140)]
        return [(450, 450 + int(60 * (self.amount("ouverture par jour") or 0)))]

    @property
    def opening(self) -> dict[str, int]:
        """Return the hours that the place says of a day, shut once inside; nothing where it says none."""
        if "ouvertures" not in self.about:
            return {}
        (start, shut), (again, end) = _spans(self.about["ouvertures"])
        hours = {"open_minute": start, "close_minute": end, "shut_from_minute": shut, "shut_until_minute": again}
        return {**hours, "open_minutes": shut - start + end - again}

    @property
    def offered(self) -> int:
        """Return the minutes of a day that the place is open, counted one by one."""
        spans = _spans(self.about["ouvertures"]) if "ouvertures" in self.about else self.services
        return len({minute for start, end in spans for minute in range(start, end)})

    @property
    def general(self) -> Decimal | None:
        """Return the share of the general régime that the convention fixes."""
        share = self.amount("régime général")
        return None if share is None else share / 100


def _spans(text: str) -> list[tuple[int, int]]:
    """Read « 7:30-12:00 13:30-18:30 »."""
    return [(_minute(start), _minute(end)) for start, _, end in (part.partition("-") for part in text.split())]


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return 60 * int(hours) + int(minutes)


def _amount(about: Mapping[str, Any], word: str) -> Decimal | None:
    text = about.get(word)
    return None if text is None or text == "aucun" else number(text)


SCALE_WORDS = {
    "jusqu'à 107 %": "high",
    "de 107 à 117 %": "middle",
    "au plus haut": "low",
    "plafond PSO": "pso",
    "complément inclusif": "inclusive",
}


def hours_cases() -> list[HoursCase]:
    """Return the cases of hours, in order."""
    found = []
    for path in sorted(FOLDER.glob("heures_*.yaml")):
        for content in load(path):
            own = {word: content.pop(word) for word in _OWN if word in content}
            expected = content["attendu"]
            case = read_case(path.stem, {**content, "attendu": {}})
            content.update(own)
            rights = {child: [_right(text) for text in said] for child, said in own.get("AEEH", {}).items()}
            found.append(HoursCase(case, CafPlace(case.town, aeeh=rights), expected))
    return found


def year_cases(kind: str) -> list[YearCase]:
    """Return the cases of a year of one file (« psu », « pso », « occupation »), in order."""
    return [
        YearCase(
            content["name"], {k: v for k, v in content.items() if k not in ("name", "attendu")}, content["attendu"]
        )
        for content in load(FOLDER / f"{kind}.yaml")
    ]


def _right(text: str) -> tuple[date, bool]:
    """Read « dès 2026-03-02 » or « fin 2026-10-01 »."""
    word, _, day = text.partition(" ")
    return date.fromisoformat(day), word == "dès"
