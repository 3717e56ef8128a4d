"""What finance and directors read of bodies that pay: what waits for whom, what is owed for a month, the recaps."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.coverages import ASKED, KIND_WORDS, NOTIFIED, QUOTED, STATE_WORDS
from domain.french import euros, number, plural, short_date, staff_name
from domain.money import to_cents
from records.operations.coverage_lists import CoverageLine
from records.operations.voucher_recaps import STEP_WORDS, RecapState
from warehouse.reader import StatementRow

_SIGNS = {
    "asked": "○",
    "quoted": "◔",
    "notified": "◑",
    "applied": "✓",
    "used_up": "■",
    "refused": "⊘",
    "cancelled": "⊘",
}


def headline(lines: Sequence[CoverageLine]) -> str:
    """Return the one sentence that says what needs a decision."""
    count = sum(bool(line.waits_for) for line in lines)
    if not count:
        return "Rien n'attend : toutes les prises en charge sont appliquées ou closes."
    return f"{plural(count, 'prise en charge attend', 'prises en charge attendent')} une suite."


def figures(lines: Sequence[CoverageLine], statement: Sequence[StatementRow] | None) -> list[tuple[str, str, str]]:
    """Return what waits at each step, and what bodies owe for the month when the reader may see it."""
    of = f"sur {number(len(lines))}"
    counts = {state: sum(line.state == state for line in lines) for state in (ASKED, QUOTED, NOTIFIED)}
    found = [
        ("Devis à envoyer", number(counts[ASKED]), of),
        ("Réponses attendues", number(counts[QUOTED]), of),
        ("À appliquer", number(counts[NOTIFIED]), of),
    ]
    if statement is not None:
        owed = sum((row.amount for row in statement), Decimal(0))
        found.append(("Dû par les organismes", euros(to_cents(owed)), plural(len(statement), "décision")))
    return found


def work_table(lines: Sequence[CoverageLine]) -> Table:
    """Return the coverages, those that wait first, with whose turn it is."""
    ordered = sorted(lines, key=lambda line: not line.waits_for)
    rows: list[tuple[Cell, ...]] = [
        (
            f"{_SIGNS[line.state]} {STATE_WORDS[line.state]}",
            staff_name(line.child_last_name, line.child_first_name),
            line.body_name,
            KIND_WORDS[line.kind],
            line.decision_number or "pas encore",
            short_date(line.valid_from),
            line.waits_for or "rien",
        )
        for line in ordered
    ]
    return Table(("État", "Enfant", "Organisme", "Type", "Décision", "Depuis le", "Attend"), tuple(rows))


def statement_table(rows: Sequence[StatementRow]) -> Table:
    """Return what bodies owe for a month, one line per decision, with the total."""
    lines: list[tuple[Cell, ...]] = [
        (
            row.body_name,
            row.decision_number,
            staff_name(row.child_last_name, row.child_first_name),
            short_date(row.first_day),
            short_date(row.last_day),
            row.day_count,
            row.price,
            row.amount,
        )
        for row in rows
    ]
    total: tuple[Cell, ...] = ()
    if rows:
        price = sum((row.price for row in rows), Decimal(0))
        total = ("Total", "", "", "", "", "", price, sum((row.amount for row in rows), Decimal(0)))
    columns = ("Organisme", "Décision", "Enfant", "Du", "Au", "Jours", "Prix", "Pris en charge")
    return Table(columns, tuple(lines), total)


def recap_table(states: Sequence[RecapState]) -> Table:
    """Return where each structure's recap of vouchers stands, late ones marked."""
    rows: list[tuple[Cell, ...]] = [
        (
            f"▲ {STEP_WORDS[state.step]}, rappel" if state.is_reminded else STEP_WORDS[state.step],
            state.structure_label,
            short_date(state.due_on),
            state.comment or "rien",
        )
        for state in states
    ]
    return Table(("Étape", "Structure", "Attendu le", "Remarque"), tuple(rows))
