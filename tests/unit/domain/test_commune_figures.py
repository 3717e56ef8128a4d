"""What elected officials read of a month, and its paper."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pypdf
import pytest

from domain.commune_figures import CommuneCount, Sum, figures_paper, told
from domain.french import NBSP
from domain.invoice_paper import Sender
from domain.invoice_sheet import Letterhead
from exchanges.papers.statements import statement_pdf

MONTH, MADE_ON = date(2026, 11, 1), date(2026, 12, 1)
HEAD = Letterhead(Sender("Val d'Essai", ("Mairie",)))


def counts(**children: tuple[int, int]) -> list[CommuneCount]:
    """Return a month of two services by commune; a child of the canteen is none of the evening care."""
    found = []
    for commune, (canteen, evening) in children.items():
        for ref, label, count in (
            ("c", "Cantine", canteen),
            ("g", "Garderie", evening),
            ("", "", canteen + evening),
        ):
            if count:
                found.append(CommuneCount(commune, ref, label, MONTH, count, count * 10, count * 12, count * 9))
    return found


def test_month_without_small_groups_is_told_whole() -> None:
    shown = told(counts(Orme=(20, 10), Saulaie=(8, 6)))
    assert shown.hidden_count == 0
    assert shown.cells["Orme", "c"] == Sum(20, 200, 240, 180)
    assert shown.by_commune["Saulaie"] == Sum(14, 140, 168, 126)
    assert shown.total == Sum(None, 440, 528, 396)
    assert shown.total.take_up == Decimal(75)


def test_commune_of_few_children_takes_another_with_it() -> None:
    shown = told(counts(Orme=(20, 10), Saulaie=(8, 6), Hameau=(3, 0)))
    assert shown.by_commune["Hameau"] is None
    assert shown.by_commune["Saulaie"] is None  # else the total would tell the hamlet
    assert shown.by_commune["Orme"] is not None
    assert shown.total is not None
    assert shown.cells["Hameau", "c"] is None


def test_total_that_would_tell_the_only_hidden_commune_is_hidden() -> None:
    shown = told(counts(Hameau=(3, 0)))
    assert (shown.by_commune["Hameau"], shown.total) == (None, None)


def some_month(seed: int) -> list[CommuneCount]:
    """Return a month of a few communes, some of them hamlets, whose children go to some of the services."""
    random, found = Random(seed), []
    for commune in range(random.randint(1, 5)):
        size = random.choice([1, 2, 3, 4, 5, 6, 8, 12, 30])
        going = {ref: {child for child in range(size) if random.random() < 0.5} for ref in "cgms"}
        visits = {ref: sum(random.randint(1, 5) for _ in who) for ref, who in going.items()}
        for ref, who in [*going.items(), ("", set().union(*going.values()))]:
            count = visits.get(ref, sum(visits.values()))
            if who:
                found.append(CommuneCount(f"c{commune}", ref, ref, MONTH, len(who), count, count, count))
    return found


def follows(wanted: Sequence[int], known: Sequence[Sequence[int]]) -> bool:
    """Say whether a sum follows from known ones: by elimination in fractions, column after column."""
    rows = [[Fraction(value) for value in row] for row in known]
    left = [Fraction(value) for value in wanted]
    for column in range(len(left)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        for row in (*rows, left):
            factor = row[column] / pivot[column]
            row[:] = [value - factor * other for value, other in zip(row, pivot, strict=True)]
    return not any(left)


@pytest.mark.parametrize("seeds", [range(first, first + 100) for first in range(0, 1500, 100)])
def test_no_small_group_follows_from_all_that_is_shown_taken_together(seeds: range) -> None:
    for seed in seeds:
        rows = some_month(seed)
        shown = told(rows)
        of = {(row.commune, row.service_ref): row.children for row in rows}
        hidden = [cell for cell in shown.cells if shown.cells[cell] is None]
        lines = {name: [int(cell[0] == name) for cell in hidden] for name in shown.by_commune}
        lines |= {ref: [int(cell[1] == ref) for cell in hidden] for ref in shown.by_service}
        told_of = {**shown.by_commune, **shown.by_service}
        known = [line for name, line in lines.items() if told_of[name] is not None]
        known += [[1] * len(hidden)] if shown.total is not None else []
        small = [[int(cell == each) for each in hidden] for cell in hidden if of[cell] < 5]
        small += [
            line
            for line in lines.values()
            if 0 < sum(of[cell] for cell, on in zip(hidden, line, strict=True) if on) < 5
        ]
        assert not any(follows(group, known) for group in small), seed
        for name, line in shown.by_commune.items():
            assert line is None or of[name, ""] >= 5


def test_paper_is_one_page_whatever_the_number_of_communes() -> None:
    many = {f"Commune {number:02d}": (20 + number, 10) for number in range(40)}
    paper = figures_paper(told(counts(**many)), MONTH, MADE_ON, HEAD)
    read = pypdf.PdfReader(io.BytesIO(statement_pdf(paper, MADE_ON)))
    assert len(read.pages) == 1
    text = read.pages[0].extract_text().replace(NBSP, " ")
    assert "Fréquentation, novembre 2026" in text
    assert "26 autres communes" in text
    assert "Commune 39" in text


def test_paper_says_hidden_and_never_the_figure() -> None:
    paper = figures_paper(told(counts(Orme=(20, 10), Saulaie=(8, 6), Hameau=(3, 0))), MONTH, MADE_ON, HEAD)
    assert ("Hameau", "masqué", "masqué", "masqué") in paper.rows
    assert paper.totals[0].text.replace(NBSP, " ") == " : 470 venues"
