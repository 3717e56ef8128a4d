"""What elected officials read of a month: figures by commune and service, small groups hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from domain.french import long_date, month_name, number, plural, typeset
from domain.invoice_paper import Entry, Part
from domain.invoice_sheet import Letterhead
from domain.small_groups import SMALLEST_GROUP, Cell, are_told, hidden_cells, hidden_totals
from domain.statement_paper import StatementPaper

UNKNOWN_COMMUNE = "Commune inconnue"
HIDDEN = "masqué"
LINES_ON_PAPER_MAX = 14


@dataclass(frozen=True, slots=True)
class CommuneCount:
    """commune × service × month: distinct children who came, visits, bookings of slots over, and those kept.

    An empty `service_ref` stands for all services together: its children are distinct.
    """

    commune: str
    service_ref: str
    service_label: str
    month: date
    children: int
    visits: int
    booked: int
    present: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What is told of a line or a cell; `children` is None where only visits add up."""

    children: int | None
    visits: int
    booked: int
    present: int

    @property
    def take_up(self) -> Decimal | None:
        """Percent of those booked who came; None without a booking."""
        if self.booked == 0:
            return None
        return (Decimal(self.present) * 100 / self.booked).quantize(Decimal(1), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Told:
    """A month as it may be shown: None is what must be hidden; nobody is told as a sum of 0."""

    communes: tuple[str, ...]
    services: tuple[tuple[str, str], ...]  # ref and label
    cells: dict[tuple[str, str], Sum | None]
    by_commune: dict[str, Sum | None]
    by_service: dict[str, Sum | None]
    total: Sum | None

    @property
    def hidden_count(self) -> int:
        """How many cells are hidden."""
        return sum(cell is None for cell in self.cells.values())


def told(counts: Iterable[CommuneCount], smallest: int = SMALLEST_GROUP) -> Told:
    """Return what may be shown of the counts of one month."""
    rows = list(counts)
    whole = {row.commune: row for row in rows if not row.service_ref}
    cells = {(row.commune, row.service_ref): row for row in rows if row.service_ref}
    small = {commune for commune, _ in hidden_cells({(name, ""): whole[name].children for name in whole}, smallest)}
    children = {key: row.children for key, row in cells.items()}
    hidden = hidden_cells(children, smallest, [key for key in cells if key[0] in small])
    across, down = hidden_totals(children, hidden, smallest)
    across |= small
    labels = {row.service_ref: row.service_label for row in cells.values()}
    services = tuple(sorted(labels.items(), key=lambda service: service[1]))
    by_service = {ref: _sum([row for (_, other), row in cells.items() if other == ref]) for ref, _ in services}
    alone = len(across) == 1 or (across and sum(whole[name].children for name in across) < smallest)
    shown = [] if alone or len(down) == 1 else [_ALL]
    shown += [
        ("", ref) for ref, _ in sorted(by_service.items(), key=lambda each: each[1].visits) if ref not in down
    ]
    shown += [(name, "") for name in sorted(whole, key=lambda name: whole[name].visits) if name not in across]
    shown = _keeping_secrets(shown, children, hidden, smallest)
    return Told(
        tuple(sorted(whole, key=lambda name: (not name, name))),
        services,
        {key: None if key in hidden else _one(row) for key, row in cells.items()},
        {name: _one(row) if (name, "") in shown else None for name, row in whole.items()},
        {ref: found if ("", ref) in shown else None for ref, found in by_service.items()},
        _sum(whole.values()) if _ALL in shown else None,
    )


_ALL = ("*", "*")  # the line of everything; ("", service) is a line down, (commune, "") one across


def _keeping_secrets(
    shown: Sequence[Cell], children: Mapping[Cell, int], hidden: set[Cell], smallest: int
) -> list[Cell]:
    """Return the totals left to show once none of them, nor all together, gives a small group away.

    The first is given up first: everything, then the least visited.
    """
    lines = {
        line: _on(line, hidden) for line in (_ALL, *{(c, "") for c, _ in hidden}, *{("", s) for _, s in hidden})
    }
    secrets = [{cell} for cell in hidden if children[cell] < smallest]
    secrets += [inside for inside in lines.values() if sum(children[cell] for cell in inside) < smallest]
    kept = list(shown)
    while are_told([_on(line, hidden) for line in kept], secrets):
        kept.remove(next(line for line in kept if _on(line, hidden)))
    return kept


def _on(line: Cell, cells: Iterable[Cell]) -> set[Cell]:
    if line == _ALL:
        return set(cells)
    return {cell for cell in cells if (cell[0] == line[0] if line[0] else cell[1] == line[1])}


def commune_words(name: str) -> str:
    """Return the name of a commune as people read it."""
    return name or UNKNOWN_COMMUNE


def percent_words(found: Sum | None) -> str:
    """Return « 94 % », « masqué » or « inconnu »."""
    if found is None:
        return HIDDEN
    return "inconnu" if found.take_up is None else typeset(f"{number(found.take_up)} %")


def figures_paper(shown: Told, month: date, made_on: date, letterhead: Letterhead) -> StatementPaper:
    """Return the sheet of a month for elected officials: one page, whatever the number of communes."""
    rows = [_line(commune_words(name), shown.by_commune[name]) for name in _most_visited(shown)]
    left = len(shown.communes) - len(rows)
    notes = [Part(typeset(f"{label} :"), _service_words(shown.by_service[ref])) for ref, label in shown.services]
    if left:
        others = plural(left, "autre commune", "autres communes")
        notes.append(Part(typeset("Non détaillé :"), f"{others}, dans l'application."))
    notes.append(Part(typeset("Masqué :"), _HIDDEN_NOTE))
    total = shown.total
    return StatementPaper(
        title=typeset(f"Fréquentation, {month_name(month)}"),
        lead=typeset(f"Chiffres par commune de résidence – établi le {long_date(made_on).split(' ', 1)[1]}"),
        footer=typeset(f"Fréquentation, {month_name(month)}"),
        sender=letterhead.sender,
        recipient=("Mesdames et Messieurs les élus",),
        intro=typeset(
            "Enfants : chacun compte une fois par commune. Venues : une par enfant, service et jour. Venus / "
            "prévus : part de ceux qui étaient attendus et sont venus."
        ),
        columns=("Commune", "Enfants", "Venues", "Venus / prévus"),
        rows=tuple(rows),
        totals=(Entry("Toutes communes", _total_words(total), percent_words(total)),),
        parts=tuple(notes),
        is_specimen=letterhead.is_specimen,
    )


_HIDDEN_NOTE = (
    "les groupes de moins de cinq enfants, et ce qui permettrait de les retrouver par soustraction. Aucun nom "
    "n'est lu pour établir cette feuille."
)


def _most_visited(shown: Told) -> list[str]:
    """Return the communes of the paper, in their order: those with most visits, the hidden ones last to be kept."""
    ranked = sorted(shown.communes, key=lambda name: -_visits(shown.by_commune[name]))
    kept = set(ranked[:LINES_ON_PAPER_MAX])
    return [name for name in shown.communes if name in kept]


def _visits(found: Sum | None) -> int:
    return -1 if found is None else found.visits


def _line(name: str, found: Sum | None) -> tuple[str, ...]:
    if found is None:
        return name, HIDDEN, HIDDEN, HIDDEN
    return name, number(found.children or 0), number(found.visits), percent_words(found)


def _service_words(found: Sum | None) -> str:
    if found is None:
        return HIDDEN
    return typeset(f"{plural(found.visits, 'venue')}, venus / prévus : {percent_words(found)}.")


def _total_words(found: Sum | None) -> str:
    return "" if found is None else typeset(f" : {plural(found.visits, 'venue')}")


def _one(row: CommuneCount) -> Sum:
    return Sum(row.children, row.visits, row.booked, row.present)


def _sum(rows: Iterable[CommuneCount]) -> Sum:
    kept: Sequence[CommuneCount] = list(rows)
    return Sum(
        None,
        sum(row.visits for row in kept),
        sum(row.booked for row in kept),
        sum(row.present for row in kept),
    )
