"""National values as an administrator reads them: what holds today, what is to come, what nobody has given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from dashboards.viewmodels.tables import Cell, Table
from domain.french import NBSP, number, plural, short_date
from domain.parameters import Parameter, codes_of
from records.operations.state_values import StateValueSeen

ALL_KINDS = "tous"
KIND_WORDS = {
    "caf.eaje": "Petite enfance, prix aux familles",
    "caf.psu": "PSU",
    "caf.mixite": "Bonus mixité sociale",
    "caf.pso": "PSO des accueils de loisirs",
    "caf.alsh": "Heures des accueils de loisirs",
    "caf.youth": "Accueil de jeunes",
    "caf.rpe": "Relais petite enfance",
    "caf.laep": "Accueil enfants-parents",
    "caf.regimes": "Groupes de régimes",
    "encadrement": "Encadrement",
    "recettes": "Recettes",
}


# How sure the release is of a value: an administrator checks the last three with the CAF before they count.
CONFIDENCE_WORDS = {
    "A": "texte lu",
    "B": "source secondaire, à vérifier",
    "D": "déduite d'un texte, à vérifier",
    "G": "usage, à vérifier",
}


def kind_of(parameter_id: str) -> str:
    """Return the family of a value: the longest key of KIND_WORDS, else its first two names."""
    known = [kind for kind in KIND_WORDS if parameter_id.startswith(f"{kind}.")]
    return max(known, key=len) if known else ".".join(parameter_id.split(".")[:2])


def kind_words(kind: str) -> str:
    """Return how a family of values is called."""
    return KIND_WORDS.get(kind, kind)


def held(seen: Iterable[StateValueSeen], today: date) -> dict[str, StateValueSeen]:
    """Return the value of each parameter that began last, by id."""
    found: dict[str, StateValueSeen] = {}
    for each in seen:  # oldest first
        if each.valid_from <= today:
            found[each.parameter_id] = each
    return found


def missing(parameters: Iterable[Parameter], seen: Sequence[StateValueSeen], today: date) -> list[Parameter]:
    """Return the parameters that say nothing today: nobody gave a value, or only one to come."""
    known = held(seen, today)
    return [each for each in parameters if each.id not in known]


def headline(lacking: Sequence[Parameter], seen: Sequence[StateValueSeen]) -> tuple[bool, str]:
    """Return whether somebody must act, and why."""
    differing = [each for each in seen if each.packaged is not None]
    if differing:
        names = ", ".join(sorted({each.description for each in differing})[:3])
        return (
            True,
            f"**Cette version dit autre chose que ce qui a été saisi** ({names}){NBSP}: vérifiez la source.",
        )
    if lacking:
        count = plural(len(lacking), "valeur nationale n'est pas connue", "valeurs nationales ne sont pas connues")
        return True, f"**{count}**{NBSP}: ce qui en dépend est refusé par son nom, jamais compté pour zéro."
    return False, "Chaque valeur nationale est connue à ce jour."


def missing_table(lacking: Sequence[Parameter]) -> Table:
    """Return what nobody has given yet."""
    rows: list[tuple[Cell, ...]] = [(each.description, each.unit, each.id) for each in lacking]
    return Table(("À saisir", "Unité", "Nom"), tuple(rows))


def current_table(seen: Sequence[StateValueSeen], today: date) -> Table:
    """Return what holds today, with its day and source."""
    rows: list[tuple[Cell, ...]] = [
        (each.description, value_words(each), short_date(each.valid_from), _origin(each), each.source)
        for each in held(seen, today).values()
    ]
    return Table(("Valeur nationale", "Aujourd'hui", "Depuis", "Origine", "Source"), tuple(rows))


def history_table(seen: Sequence[StateValueSeen], parameter_id: str, today: date) -> Table:
    """Return every value of one parameter, the newest first."""
    of_one = [each for each in reversed(seen) if each.parameter_id == parameter_id]
    rows: list[tuple[Cell, ...]] = [
        (
            short_date(each.valid_from) + (" (à venir)" if each.valid_from > today else ""),
            value_words(each),
            _origin(each),
            each.source,
        )
        for each in of_one
    ]
    return Table(("À partir du", "Valeur", "Origine", "Source"), tuple(rows))


def value_words(seen: StateValueSeen) -> str:
    """Return a value with its unit, every digit shown; a code by what it means."""
    codes = codes_of(seen.unit)
    if seen.value in codes:
        return codes[int(seen.value)]
    decimals = max(0, -int(seen.value.as_tuple().exponent))
    return f"{number(seen.value, decimals)}{NBSP}{_unit_of(seen)}"


def _unit_of(seen: StateValueSeen) -> str:
    """Return « 6 ans », « 10 enfants par animateur »: from 2 on, the words counted take an s."""
    if -2 < seen.value < 2 or seen.unit == "pour cent":
        return seen.unit
    counted, by, rest = seen.unit.partition(" par ")
    return " ".join(f"{word}s" if word.isalpha() else word for word in counted.split()) + by + rest


def _origin(seen: StateValueSeen) -> str:
    if not seen.is_entered:
        sure = CONFIDENCE_WORDS.get(seen.confidence)
        return "Marelle" if sure is None else f"Marelle, {sure}"
    return "saisie ici" if seen.packaged is None else "saisie ici, différente de Marelle"
