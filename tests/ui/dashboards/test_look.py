"""What all staff pages draw with."""

from streamlit.testing.v1 import AppTest


def two_tables() -> None:
    from dashboards.look import show_table
    from dashboards.viewmodels.tables import Table

    work = Table(("Quand", "Quoi"), (("lundi", "a"), ("mardi", "b")))
    show_table(work.first(1), on_phone=(0,))
    show_table(work.after(1), on_phone=(0,))


def test_list_cut_in_two_is_two_tables_on_one_page() -> None:
    app = AppTest.from_function(two_tables, default_timeout=30).run()
    assert not app.exception
    assert len(app.table) == 2
