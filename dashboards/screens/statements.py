"""What bodies owe for a month, as « Prises en charge » and « Fin de mois » show it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards.look import download, secondary, show_table
from dashboards.viewmodels import coverages as view
from domain.french import month_name
from warehouse.reader import StatementRow


def third_party_statement(rows: list[StatementRow], month: date) -> None:
    """Show a month's statement, one line per decision, and offer it to a spreadsheet."""
    st.subheader(f"Dû par les organismes pour {month_name(month)}")
    if not rows:
        st.markdown("Aucun organisme ne doit rien pour ce mois.")
        return
    table = view.statement_table(rows)
    show_table(table, on_phone=(0, 2, 7))
    if any(row.is_provisional for row in rows):
        secondary("Le mois n'est pas fini : ces montants peuvent encore changer.")
    download(table, f"prises-en-charge-{month:%Y-%m}.csv", "Télécharger l'état en CSV")
