"""The families of the town: separated parents, siblings, QF of every kind, diets, allergies, contacts."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from demo.births import born
from demo.classes import PlannedClass, Seat, planned_classes, seat
from demo.cohorts import CHILDREN_PER_FAMILY, group, level_bag, take
from demo.money import custody_calendar, draw_qfs, draw_regime, opening_balance
from demo.names import NameBook
from demo.people import (
    PUPIL_LEVELS,
    Adult,
    Human,
    PlannedChild,
    PlannedFamily,
    PlannedPayer,
    PlannedQf,
)
from demo.scope import Scope
from demo.source import NamedFamilyData, StructureData

DIETS = (
    (("sans_porc", "Sans porc"), 0.09),
    (("sans_viande", "Sans viande"), 0.05),
    (("panier_repas", "Panier repas"), 0.02),
)
ALLERGIES = ("Arachide", "Lait de vache", "Œuf", "Fruits à coque", "Poisson", "Kiwi")
PAI = ("PAI : trousse d'urgence au bureau", "PAI : inhalateur dans le sac", "PAI : antihistaminique, trousse rouge")
BADGE_SHARE = 0.96
KINDS = (("couple", 66), ("single", 14), ("shared", 10), ("apart", 10))


@dataclass
class _Household:
    """A family being made: kind, names and levels, before people exist."""

    kind: str
    surname: str
    names: dict[str, Any]
    school: StructureData
    levels: tuple[int, ...]
    need: float
    data: NamedFamilyData | None = None
    children: list[Human] = field(default_factory=list)


class FamilyMaker:
    """Makes the families of a town; everything it draws comes from the seed."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.town = scope.town
        self.period = scope.period
        self.random = self.scope.stream("families")
        self.births = self.scope.stream("births")
        self.names = NameBook(self.scope.stream("names"))
        self.people = 0
        self.placed: Counter[str] = Counter()
        for family in self.town.families:
            for adult in family.guardians:
                self.names.reserve(adult[1], adult[2])
            for child in family.children:
                self.names.reserve(child[0], child[1])
        for eater in self.town.eaters:
            self.names.reserve(eater.first_name, eater.last_name)

    def make(self) -> tuple[list[PlannedFamily], list[PlannedClass]]:
        """Return the families, and the classes that their children sit in."""
        households = self._households()
        classes = planned_classes(self.town.schools, self.period.years)
        for household in households:
            household.children = [self._child(household, index) for index in range(len(household.levels))]
        seats = seat(
            (
                Seat(human.ref, household.school.ref, level)
                for household in households
                for human, level in zip(household.children, household.levels, strict=True)
            ),
            classes,
            self.period,
        )
        return [self._family(number, each, seats) for number, each in enumerate(households, 1)], classes

    def _households(self) -> list[_Household]:
        bag = level_bag(self.scope.children, self.period)
        named = [self._named(family, bag) for family in self.town.families]
        left = bag.total()
        groups = group(bag, max(1, round(left / CHILDREN_PER_FAMILY)), self.scope.stream("siblings"))
        return named + [self._anonymous(siblings.levels) for siblings in groups]

    def _named(self, family: NamedFamilyData, bag: Counter[int]) -> _Household:
        levels = tuple(_level_index(level) for _first, _last, level in family.children)
        for level in levels:
            take(bag, level)
        kind = "shared" if family.shared_custody else ("couple" if len(family.guardians) > 1 else "single")
        return _Household(
            kind, family.guardians[0][2], {}, self.town.structure(family.school), levels, need=1.0, data=family
        )

    def _anonymous(self, levels: tuple[int, ...]) -> _Household:
        names = self.names.group()
        kind = self.random.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
        school = min(self.town.schools, key=lambda each: (self.placed[each.ref] / each.share, each.ref))
        self.placed[school.ref] += len(levels)
        need = min(1.0, self.random.betavariate(2.2, 1.8) + (0.12 if kind == "single" else 0.0))
        return _Household(kind, self.names.surname(names), names, school, levels, need)

    # ------------------------------------------------------------------------------------------------ people

    def _ref(self) -> str:
        self.people += 1
        return f"P{self.people:04d}"

    def _child(self, household: _Household, index: int) -> Human:
        birth = self._birth_date(household.levels[index])
        if household.data is not None:
            first, last, _level = household.data.children[index]
        else:
            last = household.surname
            first = self.names.first_name(household.names, self.random.choice(["girls", "boys"]), last)
        return Human(self._ref(), first, last, birth_date=birth)

    def _birth_date(self, level: int) -> date:
        year = self.period.main_year.starts_on.year - 3 - level
        # The halte-garderie takes babies from three months on: the youngest are born early in the year.
        span = 140 if year == self.period.main_year.starts_on.year else 365
        return date(year, 1, 1) + timedelta(days=self.random.randrange(span))

    def _guardians(self, household: _Household) -> tuple[Adult, ...]:
        if household.data is not None:
            return tuple(
                Adult(
                    self._adult(civility, first, last, household.data.email_of(first, self.town.email_domain)), kin
                )
                for civility, first, last, kin in household.data.guardians
            )
        mother_last = household.surname
        if household.kind != "single" and self.random.random() < 0.45:
            mother_last = self.names.surname(household.names)
        mother = self.names.first_name(household.names, "mothers", mother_last)
        adults = [Adult(self._adult("Madame", mother, mother_last), "mère")]
        if household.kind != "single":
            father = self.names.first_name(household.names, "fathers", household.surname)
            adults.append(Adult(self._adult("Monsieur", father, household.surname), "père"))
        return tuple(adults)

    def _adult(self, civility: str, first: str, last: str, email: str | None = None) -> Human:
        ref = self._ref()
        phone = f"06 39 98 {self.random.randrange(100):02d} {self.random.randrange(100):02d}"
        if email is None and self.random.random() < 0.9:
            email = f"{ascii_key(first)}.{ascii_key(last)}.{ref.lower()}@courriel.example"
        return Human(ref, first, last, civility=civility, email=email, phone=phone)

    def _contacts(self, household: _Household) -> tuple[Adult, ...]:
        contacts = []
        if self.random.random() < 0.45:
            kind, kinship = self.random.choice(
                [("grandmothers", "grand-mère"), ("grandfathers", "grand-père"), ("sitters", "baby-sitter")]
            )
            last = self.names.surname(self.names.group()) if kind == "sitters" else household.surname
            civility = "Monsieur" if kind == "grandfathers" else "Madame"
            contacts.append(Adult(self._adult(civility, self.names.contact(kind, last), last), kinship))
        if household.kind == "single" and household.data is None and self.random.random() < 0.15:
            last = f"{household.surname}-Ferrand"
            first = self.names.contact("grandfathers", last)
            contacts.append(Adult(self._adult("Monsieur", first, last), "ancien conjoint", "forbidden"))
        return tuple(contacts)

    # ------------------------------------------------------------------------------------------------ family

    def _family(self, number: int, household: _Household, seats: dict[str, dict[str, str]]) -> PlannedFamily:
        eldest = min(child.birth_date for child in household.children if child.birth_date is not None)
        guardians = tuple(born(adult, eldest, self.births, self.town) for adult in self._guardians(household))
        paying = guardians if household.kind == "shared" else guardians[:1]
        given = household.data.opening_cents if household.data else ()
        openings = given or tuple(opening_balance(self.random) for _adult in paying)
        payers = tuple(
            PlannedPayer(f"Y{number:04d}{letter}", adult.human.ref, opening_cents=opening)
            for letter, adult, opening in zip("ab", paying, openings, strict=False)
        )
        starts = [year.starts_on for year in self.period.years]
        refs: list[str | None] = [payer.ref for payer in payers] if household.kind == "shared" else [None]
        return PlannedFamily(
            ref=f"F{number:04d}",
            name=household.surname,
            commune=household.school.commune,
            former_commune=household.school.former_commune if self.random.random() < 0.4 else None,
            guardians=guardians,
            contacts=self._contacts(household),
            children=tuple(
                self._planned_child(household, human, level, seats)
                for human, level in zip(household.children, household.levels, strict=True)
            ),
            payers=payers,
            qfs=_given_qfs(household, refs, starts[0]) or draw_qfs(self.random, refs, self.period),
            regime=draw_regime(self.random),
            custody=custody_calendar(self.random, payers, starts[0]) if len(payers) == 2 else None,
            need=household.need,
            logins=_logins(household, guardians),
        )

    def _planned_child(
        self, household: _Household, human: Human, level: int, seats: dict[str, dict[str, str]]
    ) -> PlannedChild:
        draw = self.random.random()
        diet: tuple[str, str] | None = None
        for candidate, share in DIETS:
            draw -= share
            if draw < 0 and household.data is None:
                diet = candidate
                break
        health: list[tuple[str, str]] = []
        if self.random.random() < 0.06:
            health.append(("allergy", self.random.choice(ALLERGIES)))
        if (health and self.random.random() < 0.5) or self.random.random() < 0.015:
            health.append(("pai", self.random.choice(PAI)))
        has_badge = self.random.random() < BADGE_SHARE or household.data is not None
        return PlannedChild(
            human=human,
            level=level,
            school=household.school.ref,
            class_refs=seats.get(human.ref, {}),
            badge_uid=badge_uid(self.random) if has_badge and level > -2 else None,
            diet=diet,
            health=tuple(health),
        )


def badge_uid(source: random.Random) -> str:
    """Draw a badge UID of 4 or 7 bytes; never 08, which marks a random one that readers refuse."""
    length = source.choice([4, 7])
    first = 0x04 if length == 7 else source.choice([number for number in range(0x10, 0xF0) if number != 0x88])
    return bytes([first, *(source.randrange(256) for _ in range(length - 1))]).hex().upper()


def ascii_key(text: str) -> str:
    """Return a name as an address may hold it: « lea », « da-silva »."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(letter if letter.isalnum() else "-" for letter in plain)


def _level_index(level: str) -> int:
    return PUPIL_LEVELS.index(level) if level in PUPIL_LEVELS else int(level)


def _given_qfs(household: _Household, refs: list[str | None], start: date) -> tuple[PlannedQf, ...]:
    if household.data is None:
        return ()
    values = household.data.qf_e2
    return tuple(PlannedQf(start, value, "caf", ref) for value, ref in zip(values, refs, strict=True))


def _logins(household: _Household, guardians: tuple[Adult, ...]) -> tuple[tuple[str, str], ...]:
    if household.data is None:
        return ()
    logins = zip(household.data.logins, guardians, strict=False)
    return tuple((login, adult.human.ref) for login, adult in logins)
