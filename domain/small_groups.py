"""Small groups in figures that everybody may read: what must be hidden, also what the totals would give away.

Whoever knows the village puts a name on a group of four. One hidden cell beside its total is told by subtraction:
so no line of the table, across or down, keeps one hidden cell, or hidden cells that together are a small group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

SMALLEST_GROUP = 5  # whoever knows the village would put a name on a smaller one
Cell = tuple[str, str]  # the line across, the line down: commune and service


def hidden_cells(children: Mapping[Cell, int], smallest: int, already: Iterable[Cell] = ()) -> set[Cell]:
    """Return the cells to hide: groups under `smallest`, those hidden `already`, and what would tell them.

    A cell without anybody is nobody's secret and hides nothing. A line that has too few cells to hide others in
    stays as `hidden_totals` says: its total is not told.
    """
    people = {cell: count for cell, count in children.items() if count > 0}
    hidden = {cell for cell, count in people.items() if count < smallest} | (set(already) & people.keys())
    while (more := _given_away(people, hidden, smallest)) is not None:
        hidden.add(more)
    return hidden


def hidden_totals(children: Mapping[Cell, int], hidden: set[Cell], smallest: int) -> tuple[set[str], set[str]]:
    """Return the lines across and the lines down whose total would tell what is hidden in them."""
    across = {cell[0] for cell in hidden if _tells(children, hidden, 0, cell[0], smallest)}
    down = {cell[1] for cell in hidden if _tells(children, hidden, 1, cell[1], smallest)}
    return across, down


def are_told(totals: Iterable[Collection[Cell]], secrets: Iterable[Collection[Cell]]) -> bool:
    """Say whether the sum of a secret follows from totals that are shown, all taken together.

    Both name hidden cells: whoever reads a total takes the shown cells off by themselves. Lines across, lines down
    and everything cross each other as rows and columns do, so that 1, 0 and -1 are the only figures met here.
    """
    rows: dict[Cell, dict[Cell, int]] = {}  # by the cell that stands in no other of them
    for total in totals:
        left = _reduced(dict.fromkeys(total, 1), rows)
        if not left:
            continue
        pivot = min(left)
        left = {cell: factor * left[pivot] for cell, factor in left.items()}
        rows = {known: _less(row, left, row.get(pivot, 0)) for known, row in rows.items()}
        rows[pivot] = left
    return any(not _reduced(dict.fromkeys(secret, 1), rows) for secret in secrets if secret)


def _reduced(row: dict[Cell, int], rows: Mapping[Cell, dict[Cell, int]]) -> dict[Cell, int]:
    for pivot in row.keys() & rows.keys():
        row = _less(row, rows[pivot], row[pivot])
    return row


def _less(row: Mapping[Cell, int], other: Mapping[Cell, int], times: int) -> dict[Cell, int]:
    found = {cell: row.get(cell, 0) - times * other.get(cell, 0) for cell in row.keys() | other.keys()}
    return {cell: factor for cell, factor in found.items() if factor}


def _given_away(people: Mapping[Cell, int], hidden: set[Cell], smallest: int) -> Cell | None:
    """Return one more cell to hide, on a line that gives hidden ones away; None when no line does that can help it.

    The smallest cell of the line, before all one that stands on a line across of which something is hidden already.
    """
    for side in (0, 1):
        crossed = {cell[1 - side] for cell in hidden}
        for line in sorted({cell[side] for cell in hidden}):
            shown = [cell for cell in people if cell[side] == line and cell not in hidden]
            if shown and _tells(people, hidden, side, line, smallest):
                return min(shown, key=lambda cell: (cell[1 - side] not in crossed, people[cell], cell))
    return None


def _tells(children: Mapping[Cell, int], hidden: set[Cell], side: int, line: str, smallest: int) -> bool:
    inside = [cell for cell in hidden if cell[side] == line]
    return len(inside) == 1 or sum(children[cell] for cell in inside) < smallest
