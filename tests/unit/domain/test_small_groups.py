"""What figures hide so that nobody of a small group is told, not even by subtraction."""

from hypothesis import given
from hypothesis import strategies as st

from domain.small_groups import Cell, hidden_cells, hidden_totals

SMALLEST = 5
TABLES = st.dictionaries(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), st.integers(min_value=0, max_value=12), max_size=16
)


def test_small_group_takes_the_next_smallest_of_its_line_and_column_with_it() -> None:
    children = {("A", "x"): 3, ("A", "y"): 20, ("A", "z"): 9, ("B", "x"): 30, ("B", "y"): 8, ("B", "z"): 40}
    assert hidden_cells(children, SMALLEST) == {("A", "x"), ("A", "z"), ("B", "x"), ("B", "z")}


def test_nobody_is_nobodys_secret() -> None:
    assert hidden_cells({("A", "x"): 0, ("A", "y"): 12}, SMALLEST) == set()


def test_line_with_nothing_else_to_hide_loses_its_total() -> None:
    children = {("A", "x"): 4, ("B", "x"): 4, ("B", "y"): 40}
    hidden = hidden_cells(children, SMALLEST)
    across, _down = hidden_totals(children, hidden, SMALLEST)
    assert ("A", "x") in hidden
    assert "A" in across


@given(TABLES)
def test_no_small_group_is_shown_nor_left_to_subtract(children: dict[Cell, int]) -> None:
    hidden = hidden_cells(children, SMALLEST)
    totals_across, totals_down = hidden_totals(children, hidden, SMALLEST)
    assert all(cell in hidden for cell, count in children.items() if 0 < count < SMALLEST)
    for side, without_total in ((0, totals_across), (1, totals_down)):
        for line in {cell[side] for cell in children} - without_total:
            inside = [cell for cell in hidden if cell[side] == line]
            rest = sum(count for cell, count in children.items() if cell[side] == line and cell not in hidden)
            left = sum(count for cell, count in children.items() if cell[side] == line) - rest
            assert len(inside) != 1
            assert left == 0 or left >= SMALLEST


@given(TABLES)
def test_table_without_small_groups_shows_everything(children: dict[Cell, int]) -> None:
    large = {cell: count + SMALLEST for cell, count in children.items()}
    assert hidden_cells(large, SMALLEST) == set()
    assert hidden_totals(large, set(), SMALLEST) == (set(), set())
