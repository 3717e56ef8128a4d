"""How the matrix of rights calls what concerns declarations to the CAF."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from domain.caf_declarations import ACTUAL, About, Figure
from domain.errors import NotFound, ParameterMissing
from records.actors import Actor
from records.database import Records
from records.operations import (
    accounting,
    anonymous_counts,
    caf_changes,
    caf_evidence,
    caf_settings,
    declarations,
    filoue_consents,
    filoue_people,
)
from tests.factories.town import SCHOOL, START, TODAY

NOWHERE = Path("aucun-fichier.csv")
FIGURE = Figure("eaje_activity", 1, "places", Decimal(20), "places")
DECLARED = declarations.NewDeclaration(SCHOOL, 2026, ACTUAL, "essai", (FIGURE,), ())
LINE = accounting.NewAccountingLine(SCHOOL, 2026, "6411", "Salaires", 100)


def _filoue_people(records: Records, actor: Actor) -> object:
    """Ask for a place whose convention nobody entered: the door opens, and what is missing is told."""
    try:
        return filoue_people.filoue_people(records, actor, SCHOOL, 2026)
    except ParameterMissing:
        return None


def _declared_days(records: Records, actor: Actor) -> object:
    """Ask for the days of a declaration that nobody froze: the door opens, and there is none."""
    try:
        return declarations.declared_days(records, actor, About(SCHOOL, 2026, ACTUAL, 9, "essai"))
    except NotFound:
        return None


def _declared_names(records: Records, actor: Actor) -> object:
    """Ask for the names of a declaration that nobody froze: the door opens, and there is none."""
    try:
        return declarations.declared_names(records, actor, About(SCHOOL, 2026, ACTUAL, 9, "essai"))
    except NotFound:
        return None


def _noted_since(records: Records, actor: Actor) -> object:
    """Ask what was noted since a declaration that nobody froze: the door opens, and there is none."""
    try:
        return caf_changes.noted_since(
            records, actor, caf_changes.ChildAsked(About(SCHOOL, 2026, ACTUAL, 9, "essai"), "x")
        )
    except NotFound:
        return None


CAF_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "set_caf": lambda r, a: caf_settings.set_caf(
        r, a, caf_settings.NewCafSetting("x", START, "Convention", authorised_places=20)
    ),
    "caf_settings": lambda r, a: caf_settings.caf_settings(r, a, SCHOOL),
    "caf_evidence": lambda r, a: caf_evidence.caf_evidence(r, a, SCHOOL, TODAY, TODAY),
    "add_accounting_line": lambda r, a: accounting.add_accounting_line(r, a, LINE),
    "correct_accounting_line": lambda r, a: accounting.correct_accounting_line(r, a, 999, "Salaires", 0),
    "accounting_lines": lambda r, a: accounting.accounting_lines(r, a, SCHOOL, 2026),
    "import_accounting": lambda r, a: accounting.import_accounting(r, a, NOWHERE),
    "record_counts": lambda r, a: anonymous_counts.record_counts(
        r, a, SCHOOL, TODAY, {"laep_sessions": Decimal(1)}
    ),
    "counts_of": lambda r, a: anonymous_counts.counts_of(r, a, SCHOOL, START, TODAY),
    "freeze_declaration": lambda r, a: declarations.freeze_declaration(r, a, DECLARED),
    "declarations": lambda r, a: declarations.declarations(r, a, SCHOOL, [2026]),
    "declared_days": _declared_days,
    "declared_names": _declared_names,
    "noted_since": _noted_since,
    "declaration_frozen": lambda r, a: declarations.declaration_frozen(r, a, SCHOOL, ACTUAL, 2026),
    "record_filoue_consent": lambda r, a: filoue_consents.record_filoue_consent(r, a, "x", TODAY, True),
    "filoue_consents": lambda r, a: filoue_consents.filoue_consents(r, a, "x"),
    "filoue_people": _filoue_people,
    "import_filoue_consents": lambda r, a: filoue_consents.import_filoue_consents(r, a, NOWHERE),
}
CAF_AT_A_PLACE = (
    "accounting_lines",
    "add_accounting_line",
    "caf_evidence",
    "caf_settings",
    "counts_of",
    "declaration_frozen",
    "declarations",
    "declared_days",
    "declared_names",
    "filoue_people",
    "freeze_declaration",
    "noted_since",
    "record_counts",
)
