"""The quotient familial: the town's own formula, exact and told in French; when the CAF publishes; what differs.

QF = ((income less the abatement) / months it covers + monthly benefits when they count) / parts, then kept between
a floor and a ceiling, then rounded half up once (domain notes §3, CAF notes §4.1). All before that rounding is
a fraction, so nothing is rounded twice. A formula is data in one of two named forms: no expression is evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.errors import InvalidData
from domain.french import euros, number, percent, plural, short_date, typeset

COMPOSITION, TAX_PARTS = "composition", "tax_parts"
FORMS = (COMPOSITION, TAX_PARTS)
WHO = ("couple", "single", "child", "disabled")
MONTHS_A_YEAR = 12
_WHO_WORDS = {
    "couple": "un couple",
    "single": "un adulte seul",
    "child": "un enfant",
    "disabled": "un enfant handicapé",
}
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Part:
    """How many parts somebody counts for, in hundredths, from a rank on (« the 3rd child »)."""

    who: str
    from_rank: int
    parts_e2: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A town's formula from a day on; `abatement_e4` in ten-thousandths, the rest in hundredths of a QF."""

    valid_from: date
    decision: str
    form: str
    abatement_e4: int
    counts_benefits: bool
    parts: tuple[Part, ...] = ()
    step_e2: int = 1
    floor_e2: int | None = None
    ceiling_e2: int | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What a household earned: an amount in cents over `months`, and the family benefits of one month."""

    year: int
    income_cents: int
    monthly_benefits_cents: int
    months: int = MONTHS_A_YEAR


@dataclass(frozen=True, slots=True)
class Household:
    """Who the income is shared between; `tax_parts_e2` is what the tax notice says, for formulas that read it."""

    adults: int
    children: int
    disabled_children: int = 0
    tax_parts_e2: int | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A QF in hundredths, the parts it was divided by, and the sentences that explain it."""

    result_e2: int
    parts_e2: int
    explanation: tuple[str, ...]


def formula_faults(formula: Formula) -> list[str]:
    """Return what makes a formula impossible to apply, in French; nothing is assumed to be 0."""
    return [typeset(fault) for fault in _formula_faults(formula)]


def compute(formula: Formula, resources: Resources, household: Household) -> Computed:
    """Return the QF of a household by the formula. Raises InvalidData for impossible or missing values."""
    _check(formula, resources, household)
    parts_e2 = count_parts(formula, household)
    exact = _monthly_cents(formula, resources) / parts_e2 * 100
    bounded = _bounded(formula, exact)
    result_e2 = math.floor(bounded / formula.step_e2 + Fraction(1, 2)) * formula.step_e2
    explanation = _explanation(formula, resources, household, result_e2)
    return Computed(result_e2, parts_e2, tuple(typeset(sentence) for sentence in explanation))


def count_parts(formula: Formula, household: Household) -> int:
    """Return the parts of a household, in hundredths."""
    if formula.form == TAX_PARTS:
        assert household.tax_parts_e2 is not None
        return household.tax_parts_e2
    adults = _parts(formula, "couple" if household.adults > 1 else "single", 1)
    children = sum(_parts(formula, "child", rank) for rank in range(1, household.children + 1))
    disabled = sum(_parts(formula, "disabled", rank) for rank in range(1, household.disabled_children + 1))
    return adults + children + disabled


def published_from(month: date) -> date:
    """Return the day from which the CAF's QF of a month can be counted on: the Monday after its first week-end.

    The update follows « the first week-end »; when the month begins on a Saturday it was the next one (API
    Particulier, February 2025). Before that day an unknown allocataire means « wait », not « no QF ».
    """
    second = month.replace(day=2)
    saturday = second + timedelta(days=(_SATURDAY - second.weekday()) % 7)
    return saturday + timedelta(days=2)


def school_year_start(day: date) -> date:
    """Return the 1 September on or before a day: a QF holds for the school year by default (domain notes §3)."""
    this_year = date(day.year, 9, 1)
    return this_year if day >= this_year else date(day.year - 1, 9, 1)


def _formula_faults(formula: Formula) -> Iterator[str]:
    if formula.form not in FORMS:
        yield f"Forme de calcul inconnue : « {formula.form} ». Choisissez composition ou tax_parts."
    if not 0 <= formula.abatement_e4 <= 10_000:
        yield "L'abattement va de 0 à 100 %."
    if formula.step_e2 < 1:
        yield "Le pas de l'arrondi est d'un centième au moins."
    bounds = [bound for bound in (formula.floor_e2, formula.ceiling_e2) if bound is not None]
    if any(bound < 0 for bound in bounds) or bounds != sorted(set(bounds)):
        yield "Le plancher du QF doit être plus bas que son plafond."
    elif formula.step_e2 >= 1 and any(bound % formula.step_e2 for bound in bounds):
        yield "Le plancher et le plafond doivent tomber sur le pas de l'arrondi."
    if formula.form == COMPOSITION:
        yield from _part_faults(formula.parts)
    elif formula.parts:
        yield "Les parts sont lues sur l'avis d'impôt : ne donnez pas de parts."


def _part_faults(parts: Sequence[Part]) -> Iterator[str]:
    keys = [(part.who, part.from_rank) for part in parts]
    for who, rank in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"Les parts pour {_WHO_WORDS.get(who, who)} sont données deux fois à partir du rang {rank}."
    for part in parts:
        if part.who not in WHO:
            yield f"On ne sait pas à qui donner ces parts : « {part.who} »."
        if part.parts_e2 < 0 or part.from_rank < 1:
            yield "Un nombre de parts est positif, à partir du rang 1."
    for who in WHO:
        if (who, 1) not in keys:
            yield f"Indiquez les parts pour {_WHO_WORDS[who]}, même s'il n'y en a aucune (0)."
    if any(part.who in ("couple", "single") and (part.parts_e2 <= 0 or part.from_rank > 1) for part in parts):
        yield "Un couple et un adulte seul comptent chacun pour un nombre de parts, une fois pour toutes."


def _check(formula: Formula, resources: Resources, household: Household) -> None:
    if household.adults not in (1, 2):
        raise _wrong("Un foyer compte un ou deux adultes.")
    if not 0 <= household.disabled_children <= household.children:
        raise _wrong("Les enfants handicapés sont parmi les enfants à charge.")
    if resources.income_cents < 0 or resources.monthly_benefits_cents < 0:
        raise _wrong("Un revenu ou une prestation ne peut pas être négatif : indiquez 0.")
    if not 1 <= resources.months <= MONTHS_A_YEAR:
        raise _wrong("Les revenus couvrent de 1 à 12 mois.")
    if formula.form == TAX_PARTS and not household.tax_parts_e2:
        raise _wrong("Indiquez le nombre de parts de l'avis d'impôt.")
    if formula.form == COMPOSITION and household.tax_parts_e2 is not None:
        raise _wrong("Cette formule compte les parts d'après le foyer : ne donnez pas celles de l'avis d'impôt.")


def _wrong(message: str) -> InvalidData:
    return InvalidData(typeset(f"{message} Rien n'a été calculé."))


def _parts(formula: Formula, who: str, rank: int) -> int:
    """Return the parts of the last rank reached."""
    return max((part for part in formula.parts if part.who == who and part.from_rank <= rank), key=_rank).parts_e2


def _rank(part: Part) -> int:
    return part.from_rank


def _monthly_cents(formula: Formula, resources: Resources) -> Fraction:
    kept = Fraction(resources.income_cents * (10_000 - formula.abatement_e4), 10_000 * resources.months)
    return kept + (resources.monthly_benefits_cents if formula.counts_benefits else 0)


def _bounded(formula: Formula, exact: Fraction) -> Fraction:
    if formula.floor_e2 is not None and exact < formula.floor_e2:
        return Fraction(formula.floor_e2)
    if formula.ceiling_e2 is not None and exact > formula.ceiling_e2:
        return Fraction(formula.ceiling_e2)
    return exact


def _explanation(formula: Formula, resources: Resources, household: Household, result_e2: int) -> Iterator[str]:
    """Tell the calculation line by line; amounts between are rounded to be read, never to be used."""
    over = "" if resources.months == MONTHS_A_YEAR else f", sur {resources.months} mois"
    yield f"Revenus de {resources.year} : {euros(resources.income_cents)}{over}."
    if formula.abatement_e4:
        yield f"Abattement : {percent(Decimal(formula.abatement_e4) / 100)}."
    kept = _monthly_cents(formula, Resources(resources.year, resources.income_cents, 0, resources.months))
    yield f"Par mois (÷ {resources.months}) : {euros(_shown(kept))}."
    if formula.counts_benefits:
        yield f"Prestations du mois : + {euros(resources.monthly_benefits_cents)}."
    elif resources.monthly_benefits_cents:
        yield "Les prestations ne comptent pas dans cette formule."
    parts_e2 = count_parts(formula, household)
    yield f"Parts : {_hundredths(parts_e2)} ({_told_parts(formula, household)})."
    monthly = _monthly_cents(formula, resources)
    bound = _told_bound(formula, monthly / parts_e2 * 100)
    yield (
        f"QF : {euros(_shown(monthly))} ÷ {_hundredths(parts_e2)}{bound}, arrondi une seule fois : "
        f"{_hundredths(result_e2)}."
    )
    yield f"Formule du {short_date(formula.valid_from)} : {formula.decision}."


def _told_parts(formula: Formula, household: Household) -> str:
    if formula.form == TAX_PARTS:
        return "lues sur l'avis d'impôt"
    adults = "couple" if household.adults > 1 else "adulte seul"
    told = [adults, plural(household.children, "enfant")]
    if household.disabled_children:
        told.append(f"dont {household.disabled_children} avec une part en plus")
    return ", ".join(told)


def _told_bound(formula: Formula, exact: Fraction) -> str:
    if formula.floor_e2 is not None and exact < formula.floor_e2:
        return f", porté au plancher de {_hundredths(formula.floor_e2)}"
    if formula.ceiling_e2 is not None and exact > formula.ceiling_e2:
        return f", ramené au plafond de {_hundredths(formula.ceiling_e2)}"
    return ""


def _shown(exact: Fraction) -> int:
    return math.floor(exact + Fraction(1, 2))


def _hundredths(value_e2: int) -> str:
    """Return « 916,17 », « 3 », « 2,5 » from hundredths."""
    value = (Decimal(value_e2) / 100).normalize()
    return number(value, max(0, -int(value.as_tuple().exponent)))
