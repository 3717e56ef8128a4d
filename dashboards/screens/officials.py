"""Élus: figures by commune, never a name, small groups hidden; the sheet of the month as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import download, french_numbers, heading, secondary, show_chart, show_metrics, show_table
from dashboards.screens.common import choose, data_time, months_back
from dashboards.viewmodels import officials as view
from domain.commune_figures import Told
from domain.french import month_name, number, typeset
from exchanges.papers.figures import sheet_pdf
from records.actors import Right
from records.operations.paper_readers import letterhead_on

MONTHS_BACK = 13
HOW = typeset(
    "**Comment ces chiffres sont calculés.** *Commune* : là où vit l'enfant. *Enfants* : chacun compte une fois "
    "par ligne. *Venues* : une par enfant, service et jour. *Masqué* : moins de cinq enfants, ou de quoi les "
    "retrouver par soustraction. Aucun nom n'est lu pour cette page."
)


def page(visit: Visit) -> None:
    """Draw the page for the communes of the reader's roles; raises NotAllowed, SnapshotMissing."""
    communes = _communes(visit)
    st.title("Élus")
    reader = snapshot()
    months = months_back(visit.today, MONTHS_BACK)
    words = {str(month): month_name(month).capitalize() for month in months}
    month = date.fromisoformat(choose("Mois", "mois", words, str(months[0])))
    shown = reader.commune_figures(month, communes)
    secondary(f"{', '.join(communes) if communes else visit.site.town} – {data_time(visit, reader.snapshot)}")
    if not shown.communes:
        st.info("Aucun chiffre ce mois-ci. Choisissez un autre mois.")
        return
    st.info(view.headline(shown), icon=":material/location_city:")
    show_metrics(view.figures(shown, reader.commune_figures(month.replace(year=month.year - 1), communes)))
    st.subheader("Par commune")
    show_table(view.commune_table(shown))
    _files(visit, shown, month)
    _chart(view.bars(shown), month)
    st.subheader("Par service")
    show_table(view.by_service_table(shown))
    with st.expander("Par commune et service"):
        show_table(view.service_table(shown), on_phone=(0, 1, 2, 3))
    secondary(HOW)


def _communes(visit: Visit) -> Sequence[str] | None:
    """Return the communes whose figures the reader may see, None for all; a role of one place opens none here."""
    visit.actor.require(Right.SEE_FIGURES)
    if Right.SEE_FIGURES in visit.actor.rights:
        return None
    found = [
        grant.commune
        for grant in visit.actor.grants
        if grant.gives(Right.SEE_FIGURES) and grant.structure_id is None
    ]
    return None if None in found else sorted({commune for commune in found if commune is not None})


def _files(visit: Visit, shown: Told, month: date) -> None:
    head = letterhead_on(records())
    left, right = st.columns(2)
    with left:
        download(view.service_table(shown), f"elus-{month:%Y-%m}.csv")
    if head is not None:
        right.download_button(
            "Feuille du mois en PDF",
            lambda: sheet_pdf(shown, month, visit.today, head[0]),
            f"elus-{month:%Y-%m}.pdf",
            "application/pdf",
            on_click="ignore",
            icon=":material/picture_as_pdf:",
        )


def _chart(bars: Sequence[tuple[str, int]], month: date) -> None:
    if not bars:
        return
    title = f"{bars[0][0]} : le plus de venues"
    heading(typeset(title), typeset(f"{month_name(month).capitalize()}, venues par commune de résidence."))
    frame = pd.DataFrame(bars, columns=["commune", "venues"])
    frame["mots"] = [number(visits) for visits in frame["venues"]]
    base = alt.Chart(frame).encode(y=alt.Y("commune:N", sort=list(frame["commune"]), title=None))
    drawn = base.mark_bar().encode(x=alt.X("venues:Q", axis=french_numbers()))
    words = base.mark_text(align="left", dx=6, fontWeight=700).encode(x="venues:Q", text="mots:N")
    show_chart(
        alt.layer(drawn, words).properties(height=40 * len(bars) + 40),
        f"{title}. Les mêmes chiffres sont dans le tableau.",
    )
