"""A declaration as a director reads it before sending: figures, what changed, what CAF would ask, what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from dashboards.viewmodels.tables import Cell, Table
from domain.caf_audit import hours_words
from domain.caf_declarations import LAST_YEAR_UNKNOWN, PERIOD_OF, VERSION_WORDS, Control, Difference, Figure
from domain.caf_lines import CONTROL_UNITS, CONTROL_WORDS, fault_words
from domain.caf_sheet import control_summary, sheet_differences, sheet_lines
from domain.errors import InvalidData
from domain.french import NBSP, number, plural, short_date, staff_name, typeset
from domain.time import local_day
from records.operations.declarations import DeclarationSeen


def headline(figures: Sequence[Figure], controls: Sequence[Control]) -> tuple[bool, str]:
    """Return whether something must be settled before sending, and what."""
    refused = sum(each.value is None for each in figures)
    if not figures:
        return True, "**Aucun chiffre** pour cette structure et cette période."
    if controls or refused:
        parts = [plural(len(controls), "point à vérifier", "points à vérifier")] if controls else []
        parts += [plural(refused, "ligne refusée", "lignes refusées")] if refused else []
        return (
            True,
            f"**{' et '.join(parts)}** avant l'envoi{NBSP}: voyez les contrôles et les remarques ci-dessous.",
        )
    return False, "Rien à régler avant l'envoi."


def metrics(
    figures: Sequence[Figure], controls: Sequence[Control], frozen: Sequence[DeclarationSeen]
) -> list[tuple[str, str, str]]:
    """Return the metrics of the page."""
    refused = sum(each.value is None for each in figures)
    return [
        ("Lignes", number(len(figures)), f"dont {plural(refused, 'refusée')}" if refused else "toutes chiffrées"),
        ("À vérifier", number(len(controls)), plural(len({each.code for each in controls}), "contrôle")),
        ("Déjà figées", number(len(frozen)), "pour cette version"),
    ]


def forecast_start(figures: Iterable[Figure], year: int, today: date) -> str:
    """Return what the lines of a forecast begin with, and what to do."""
    untyped = [bool(each.fault and each.fault.startswith(LAST_YEAR_UNKNOWN)) for each in figures]
    if all(untyped):
        return typeset(
            f"Rien n'est connu de {year - 1} : saisissez les lignes du prévisionnel ci-dessous, puis figez."
        )
    new = plural(sum(untyped), "est nouvelle et se saisit", "sont nouvelles et se saisissent")
    others = f" ; {new} entièrement" if any(untyped) else ""
    known = "" if today.year >= year else f" jusqu'au {short_date(today)} seulement"
    return typeset(f"Ces lignes sont celles de {year - 1}{known}{others} : saisissez ce qui changera, puis figez.")


def figures_table(figures: Iterable[Figure]) -> Table:
    """Return the lines to type, in the order of the declaration."""
    rows: list[tuple[Cell, ...]] = [
        (each.block, each.label, each.shown, each.remark) for each in sheet_lines(figures)
    ]
    return Table(("Bloc", "Ligne", "Valeur", "Remarque"), tuple(rows))


def block_tables(figures: Iterable[Figure]) -> dict[str, Table]:
    """Return the lines to type, a table a block, in the order of the declaration."""
    rows: dict[str, list[tuple[Cell, ...]]] = {}
    for each in sheet_lines(figures):
        rows.setdefault(each.block, []).append((each.label, each.shown))
    return {block: Table(("Ligne", "À saisir"), tuple(lines), at_right=(1,)) for block, lines in rows.items()}


def refusals(figures: Iterable[Figure]) -> list[str]:
    """Return why lines are refused, each reason once with how many it holds back; the most frequent first."""
    counts = Counter(fault_words(each.fault) for each in figures if each.value is None and each.fault)
    return [f"{words} ({plural(count, 'ligne')})" for words, count in counts.most_common()]


def differences_table(found: Iterable[Difference]) -> Table:
    """Return what is not the same, line by line."""
    rows: list[tuple[Cell, ...]] = [
        (each.block, each.label, each.before, each.after, each.change) for each in sheet_differences(found)
    ]
    return Table(("Bloc", "Ligne", "Avant", "Maintenant", "Écart"), tuple(rows), at_right=(2, 3, 4))


def compared_first(known: Sequence[DeclarationSeen], of: tuple[int, str], keys: Iterable[str]) -> str:
    """Return the key of what is compared first: the last frozen of this year and version, else of this version."""
    ordered = sorted(
        enumerate(known), key=lambda each: ((each[1].about.year, each[1].about.version) == of,
                                            each[1].about.version == of[1], each[0]),
    )  # fmt: skip
    return str(ordered[-1][0]) if ordered else next(iter(keys))


def other_period_note(seen: DeclarationSeen, version: str) -> str:
    """Return that two versions are not of the same months, empty when they are."""
    if PERIOD_OF[seen.about.version] == PERIOD_OF[version]:
        return ""
    return (
        f"Les deux ne sont pas des mêmes mois{NBSP}: {VERSION_WORDS[seen.about.version]} d'un côté, "
        f"{VERSION_WORDS[version]} de l'autre."
    )


def control_lines(controls: Sequence[Control]) -> list[str]:
    """Return what CAF would ask about, by kind, and what to do: a line of Markdown each."""
    return [
        typeset(f"**{words}** : {plural(count, 'cas', 'cas')}. {advice}")
        for words, count, advice in control_summary(controls)
    ]


def cases_table(
    controls: Sequence[Control],
    children: Mapping[str, tuple[str, str]] | None = None,
    services: Mapping[str, str] | None = None,
) -> Table:
    """Return each case, by reference where no name is given: children's go to who may read their files."""
    known, called = children or {}, services or {}
    rows: list[tuple[Cell, ...]] = [
        (
            CONTROL_WORDS.get(each.code, each.code),
            "" if each.day is None else short_date(each.day),
            _child(each.child_ref or "", known),
            called.get(each.service_ref or "", each.service_ref or ""),
            _how_much(each),
        )
        for each in controls
    ]
    return Table(("Contrôle", "Jour", "Enfant", "Service", "Combien"), tuple(rows), at_right=(4,))


def _how_much(found: Control) -> str:
    if found.quantity is None:
        return ""
    if found.code in CONTROL_UNITS:
        return plural(found.quantity, *CONTROL_UNITS[found.code])
    return f"{hours_words(found.quantity)}{NBSP}h"


def _child(ref: str, names: Mapping[str, tuple[str, str]]) -> str:
    return staff_name(*names[ref]) if ref in names else ref


def frozen_label(seen: DeclarationSeen, zone: str) -> str:
    """Return « Réel 2026 n° 1, figée le 31/03/2027 par Claire »."""
    words = VERSION_WORDS[seen.about.version].capitalize()
    day = short_date(local_day(seen.recorded_at, zone))
    return typeset(f"{words} {seen.about.year} n° {seen.about.number}, figée le {day} par {seen.recorded_by}")


def typed_figures(figures: Iterable[Figure], texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Return the lines whose text a person changed, exact; raises InvalidData for one that is no number."""
    found = {}
    for each in figures:
        text = texts.get(each.key, "")
        plain = "".join(text.split()).replace(NBSP, "").replace(",", ".")
        if text == typed_text(each) or not plain:
            continue
        try:
            found[each.key] = Decimal(plain)
        except InvalidOperation:
            raise InvalidData(typeset(f"« {text} » n'est pas un nombre. Écrivez par exemple 1200,50.")) from None
    return found


def typed_text(figure: Figure) -> str:
    """Return a figure as people type it: every digit, a comma."""
    if figure.value is None:
        return ""
    text = format(figure.value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
