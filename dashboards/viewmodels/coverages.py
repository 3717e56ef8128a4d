"""What finance and directors read of bodies that pay: what waits for whom, what is owed for a month, the recaps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from dashboards.viewmodels.tables import Cell, Table
from domain.coverages import (
    APPLIED,
    ASKED,
    CANCELLED,
    KIND_WORDS,
    NEXT,
    NOTIFIED,
    QUOTED,
    REFUSED,
    STATE_WORDS,
    UNIT_WORDS,
    USED_UP,
)
from domain.french import euros, number, plural, short_date, staff_name, typeset
from domain.money import to_cents
from domain.time import local_day
from records.actors import Right
from records.operations.coverage_lists import CoverageLine, CoverageSaid
from records.operations.coverage_terms import CoverageTerms
from records.operations.voucher_recaps import (
    RECEIVED,
    RELAYED,
    RETURNED,
    SENT,
    STEP_WORDS,
    TO_SEND,
    RecapState,
)
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
FORM_WORDS = {"percent": "Une part du prix", "flat": "Un forfait", "cap": "Tout, jusqu'à un plafond"}


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


def terms_sentence(terms: CoverageTerms) -> str:
    """Return what a body pays, in one sentence: share or amount, per what, and each ceiling."""
    per = UNIT_WORDS[terms.unit]
    each = "en tout" if terms.unit == "total" else f"par {per}"
    if terms.form == "percent":
        said = f"{number(Decimal(terms.percent_e4 or 0) / 100, 2)} % du prix"
        said += f", {euros(terms.unit_ceiling_cents)} au plus {each}" if terms.unit_ceiling_cents else ""
    elif terms.form == "scale":
        said = f"selon le barème de l'organisme, {each}"
    else:
        said = ("" if terms.form == "flat" else "tout, jusqu'à ") + f"{euros(terms.amount_cents or 0)} {each}"
    limits = [
        f"{number(count)} {per} au plus{words}"
        for count, words in ((terms.units_max, ""), (terms.year_units_max, " dans l'année"))
        if count
    ]
    limits += [f"{euros(terms.ceiling_cents)} au plus en tout"] if terms.ceiling_cents else []
    limits += ["pendant les vacances seulement"] if terms.holidays_only else []
    return typeset(f"Prend en charge {', '.join([said, *limits])}.")


def line_label(line: CoverageLine) -> str:
    """Return how one coverage is called in a list to choose from."""
    number_said = f" n° {line.decision_number}" if line.decision_number else ""
    return f"{staff_name(line.child_last_name, line.child_first_name)} – {line.body_name}{number_said}"


def ends(state: str, may_claim: bool) -> dict[str, str]:
    """Return the ends that a coverage may come to from a state, with the words of the choice.

    What bills deduct already is ended by who claims it alone.
    """
    found = {
        REFUSED: "Refusée par l'organisme",
        CANCELLED: "Annulée",
        USED_UP: "Épuisée",
        APPLIED: "Appliquée à nouveau",
    }
    return {
        end: words
        for end, words in found.items()
        if end in NEXT[state]
        and (end != APPLIED or state == USED_UP)
        and (may_claim or state not in (APPLIED, USED_UP) or end == USED_UP)
    }


def history_table(said: Sequence[CoverageSaid], zone: str) -> Table:
    """Return what happened to a coverage, the first first."""
    rows: list[tuple[Cell, ...]] = [
        (
            f"{_SIGNS[each.state]} {STATE_WORDS[each.state]}",
            short_date(local_day(each.recorded_at, zone)),
            each.recorded_by,
            ", ".join(filter(None, (euros(each.amount_cents) if each.amount_cents else "", each.comment or ""))),
        )
        for each in said
    ]
    return Table(("État", "Le", "Par", "Remarque"), tuple(rows))


def recap_steps(state: RecapState, may: Collection[Right]) -> list[str]:
    """Return what the reader may do with a recap now: send, relay, receive, return."""
    found = []
    if state.step in (TO_SEND, RETURNED) and Right.EDIT_COVERAGES in may:
        found.append(SENT)
    if state.step == SENT and Right.RELAY_VOUCHERS in may:
        found += [RELAYED, RETURNED]
    if state.step == RELAYED and Right.CLAIM_COVERAGES in may:
        found += [RECEIVED, RETURNED]
    return found
