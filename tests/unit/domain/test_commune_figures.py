"""What elected officials read of a month, and its paper."""

import io
from datetime import date
from decimal import Decimal

import pypdf

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
