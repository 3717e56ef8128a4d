"""« Simuler un tarif »: tables, bars and the one-page summary, from a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

from dashboards.viewmodels.tables import Table, totals_of
from domain.french import long_date, number
from domain.what_if import GroupChange, SchoolYear, Simulation
from domain.what_if_text import families_sentence, headline, missing_sentences, money, signed, signed_percent

YEARS_BACK = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its group, in order, and what it is worth."""

    place: int
    label: str
    value: float


def years(today: date) -> list[SchoolYear]:
    """Return the school year that runs and those before, the last that is over first."""
    running = today.year if today.month >= 9 else today.year - 1
    over = [SchoolYear(running - back) for back in range(1, YEARS_BACK)]
    return [*over[:1], SchoolYear(running), *over[1:]]


def figures(found: Simulation) -> list[tuple[str, str, str]]:
    """Return the four figures: revenue tried, change, who pays less, who pays more."""
    families = f"sur {number(len(found.families))} familles"
    share = signed_percent(found.now, found.then)
    return [
        ("Avec la grille essayée", money(found.then), f"{money(found.now)} aujourd'hui"),
        ("Écart sur l'année", signed(found.then - found.now), share or "aucune recette"),
        ("Paieraient moins", number(found.winners), families),
        ("Paieraient plus", number(found.losers), families),
    ]


def services_table(found: Simulation) -> Table:
    """Return revenue by service."""
    rows = tuple(
        (one.service_label, one.lines, one.now, one.then, one.then - one.now, "" if one.is_tried else "inchangé")
        for one in found.services
    )
    totals = (*totals_of("Total", [row[:5] for row in rows], 1), "")
    return Table(("Service", "Lignes", "Aujourd'hui (€)", "À l'essai (€)", "Écart (€)", "Grille"), rows, totals)


def groups_table(title: str, groups: Sequence[GroupChange]) -> Table:
    """Return families together: revenue now and then, who pays less and more."""
    rows = tuple(
        (one.label, one.families, one.now, one.then, one.then - one.now, one.winners, one.losers) for one in groups
    )
    columns = (
        title, "Familles", "Aujourd'hui (€) ", "À l'essai (€) ", "Écart (€) ", "Paient moins", "Paient plus",
    )  # fmt: skip
    return Table(columns, rows, totals_of("Total", rows, 1))


def families_table(found: Simulation, names: Mapping[str, str] | None) -> Table:
    """Return each family, the largest change first; their names only for who may read them."""
    ordered = sorted(found.families, key=lambda one: (-abs(one.change), one.family_ref))
    rows = tuple(
        (
            one.family_ref if names is None else names.get(one.family_ref, one.family_ref),
            "inconnu" if one.qf is None else f"{one.qf:.0f}",
            one.now,
            one.then,
            one.change,
        )
        for one in ordered
    )
    return Table(("Famille", "QF", "Son année (€)", "À l'essai, son année (€)", "Son écart (€)"), rows)


def decile_bars(groups: Sequence[GroupChange]) -> list[Bar]:
    """Return the change of revenue of each tenth of QF, in euros."""
    return [Bar(place, one.label, float(one.then - one.now)) for place, one in enumerate(groups)]


def change_bars(groups: Sequence[GroupChange]) -> list[Bar]:
    """Return how many families change by how much."""
    return [Bar(place, one.label, float(one.families)) for place, one in enumerate(groups)]


def summary_page(found: Simulation, town: str, day: date) -> str:
    """Return one A4 page to print for the council: figures and totals, no name."""
    year = SchoolYear(found.year)
    tables = [
        services_table(found),
        groups_table("Dixième de QF", found.deciles()),
        groups_table("Écart d'une famille sur l'année", found.changes()),
    ]
    notes = [
        families_sentence(found),
        *missing_sentences(found),
        f"Présences réelles de {year}, montants avant prises en charge. Chiffres publiés {found.snapshot_id}.",
    ]
    body = [
        f"<p>{escape(town)} – simulation du {long_date(day)}</p>",
        f"<h1>{escape(headline(found))}</h1>",
        f"<p>Grille essayée : {escape(' ; '.join(found.grids))}.</p>",
        *(f"<p>{escape(note)}</p>" for note in notes),
        *(_html_table(table) for table in tables),
    ]
    return _PAGE.format(title=f"Simulation de tarif {year}", body="\n".join(body))


def _html_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name.strip())}</th>' for name in table.columns)
    rows = "".join(f"<tr>{''.join(map(_html_cell, row))}</tr>" for row in table.all_rows())
    caption = escape(table.columns[0])
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _html_cell(cell: str | int | Decimal) -> str:
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    return f'<td class="n">{number(cell, 2 if isinstance(cell, Decimal) else 0)}</td>'


_PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 14mm }}
body {{ font: 10pt/1.35 "Atkinson Hyperlegible Next", system-ui, sans-serif }}
body {{ color: #1D2733; max-width: 182mm; margin: auto }}
h1 {{ font-size: 14pt; line-height: 1.2 }}
p {{ margin: 1mm 0 }}
table {{ border-collapse: collapse; width: 100%; margin-top: 4mm; font-size: 9pt; break-inside: avoid }}
caption {{ text-align: left; font-weight: 700 }}
th, td {{ text-align: left; padding: .6mm 1.5mm; border-bottom: 1px solid #7C8794 }}
.n {{ text-align: right; font-variant-numeric: tabular-nums }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
