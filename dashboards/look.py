"""How staff pages look: the chart theme, metrics with their reference, tables of figures."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, SupportsInt

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboards.viewmodels.tables import Cell, Marked, Table, to_csv
from domain.french import number

FOLDER = Path(__file__).parent
PETROLEUM, AMBER = "#0B5C6F", "#C77700"
DIGITS_MAX = 18
PHONE_PIXELS = 640
METRIC_WIDTH_PERCENT = 140  # of its column, that a value of one character may fill: a figure is 0.58 em wide
MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+|<>$:~-]")


def enable_theme() -> None:
    """Give every chart of this process Marelle's theme."""
    theme: alt.theme.ThemeConfig = json.loads((FOLDER / "altair_theme.json").read_text(encoding="utf-8"))
    alt.theme.register("marelle", enable=True)(lambda: theme)


def labelled(words: Mapping[str, str | list[str]]) -> alt.Axis:
    """Return an axis of codes that shows their words, or lines of words; two may read the same and stay two."""
    return alt.Axis(labelExpr=f"({json.dumps(dict(words))})[datum.value]", labelOverlap="greedy", title=None)


def french_numbers() -> alt.Axis:
    """Return an axis of figures with a no-break space between thousands."""
    return alt.Axis(
        labelExpr=r"replace(format(datum.value, ',.0f'), /,/g, '\u00a0')", title=None, tickCount=5, tickMinStep=1
    )


def heading(title: str, subtitle: str) -> None:
    """Show a chart's finding and its key as text: they wrap on a telephone and are read aloud."""
    st.subheader(title)
    secondary(subtitle)


def decision(must_act: bool, sentence: str, icon: str) -> None:
    """Show the one sentence of what needs a decision, or that nothing does."""
    (st.warning if must_act else st.success)(sentence, icon=icon if must_act else ":material/check:")


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart, description: str) -> None:
    """Draw a chart in our theme, with what it shows in words for those who cannot see it."""
    st.altair_chart(chart, theme=None, width="stretch", alt=description)


def show_metrics(figures: Sequence[tuple[str, str, str]]) -> None:
    """Show at most four figures in a row: label, value, and the reference that gives it meaning.

    The longest value is shown whole, and so is each reference, on two lines when it must: Streamlit would cut
    « 9 902,34 € » in a quarter of a narrow page.
    """
    if len(figures) > 4:
        raise ValueError("a page shows four metrics at most")
    key = f"metrics-{zlib.crc32('|'.join(label for label, _, _ in figures).encode()):08x}"
    share = METRIC_WIDTH_PERCENT / max(len(value) for _, value, _ in figures)
    st.html(
        f"<style>.st-key-{key} [data-testid='stColumn'] {{ container-type: inline-size }}"
        f" .st-key-{key} [data-testid='stMetricValue'] {{ font-size: min(2rem, {share:.1f}cqi) }}"
        f" .st-key-{key} [data-testid='stMetricDelta'], .st-key-{key} [data-testid='stMetricDelta'] *"
        " { white-space: normal }</style>"
    )
    with st.container(key=key):
        for column, (label, value, reference) in zip(st.columns(len(figures)), figures, strict=True):
            column.metric(label, value, reference, delta_color="off", delta_arrow="off", border=True)


def show_table(table: Table, on_phone: Sequence[int] = ()) -> None:
    """Show a table: figures exact, French and at right, totals in bold, names as they are written.

    On a telephone only the columns `on_phone` (all when empty): a table that scrolls sideways in its frame cannot
    be reached from a keyboard. Tables of one page with such a choice have different columns or first rows.
    """
    if not on_phone:
        _draw_table(table)
        return
    key = f"table-{zlib.crc32(repr((table.columns, table.rows[:1])).encode()):08x}"
    hidden = [place + 1 for place in range(len(table.columns)) if place not in on_phone]
    cells = ", ".join(f".st-key-{key} :is(th, td):nth-child({place})" for place in hidden)
    st.html(f"<style>@media (max-width: {PHONE_PIXELS}px) {{ {cells} {{ display: none }} }}</style>")
    with st.container(key=key):
        _draw_table(table)


def _draw_table(table: Table) -> None:
    rows = table.all_rows()
    columns = [[row[place] for row in rows] for place in range(len(table.columns))]
    numeric = [place for place, cells in enumerate(columns) if any(not isinstance(cell, str) for cell in cells)]
    frame = pd.DataFrame(
        {
            name: _figures(cells) if place in numeric else [_text(cell) for cell in cells]
            for place, (name, cells) in enumerate(zip(table.columns, columns, strict=True))
        }
    )
    styled = frame.style.format({table.columns[place]: _shown for place in numeric}, na_rep="").set_table_styles(
        [
            {"selector": f"{cell}.col{place}", "props": "text-align: right !important"}
            for cell, places in (("th", {*numeric, *table.at_right}), ("td", table.at_right))
            for place in places
        ]
    )
    if table.totals:
        styled = styled.set_properties(subset=pd.IndexSlice[[len(rows) - 1], :], **{"font-weight": "700"})
    st.table(styled, hide_index=True)


def download(table: Table, file_name: str, label: str = "Télécharger en CSV") -> None:
    """Offer a table for a French spreadsheet; the page keeps its state."""
    st.download_button(label, to_csv(table), file_name, "text/csv", on_click="ignore", icon=":material/download:")


def french_uploader() -> None:
    """Say in French what Streamlit's file uploader says in English: it has no setting for its own words."""
    button, limit = (
        '[data-testid="stBaseButton-secondary"] p',
        '[data-testid="stFileUploaderDropzoneInstructions"] span',
    )
    zone = '[data-testid="stFileUploaderDropzone"]'
    words = {button: "Choisir un fichier", limit: "200 Mo au plus par fichier CSV"}
    hidden = ", ".join(f"{zone} {place}" for place in words)
    said = " ".join(
        f'{zone} {place}::after {{ content: "{text}"; font-size: 1rem }}' for place, text in words.items()
    )
    st.html(f"<style>{hidden} {{ font-size: 0 }} {said}</style>")


def secondary(text: str) -> None:
    """Show text of second rank that one must still be able to read (`st.caption` is too pale)."""
    st.markdown(f":gray[{text}]")


def _figures(cells: Sequence[Cell]) -> pd.Series[Any]:
    """Return a column of exact figures; text among them (an empty total) is a missing value."""
    values = [None if isinstance(cell, str) else cell for cell in cells]
    decimals = [-int(value.as_tuple().exponent) for value in values if isinstance(value, Decimal)]
    if not decimals:
        return pd.Series(values, dtype="Int64")
    exact = [None if value is None else Decimal(value) for value in values]
    return pd.Series(exact, dtype=pd.ArrowDtype(pa.decimal128(DIGITS_MAX, max(decimals))))


def _text(cell: Cell) -> str:
    return str(cell) if isinstance(cell, Marked) else MARKDOWN.sub(r"\\\g<0>", str(cell))


def _shown(value: object) -> str:
    """Return a figure in French; pandas hands over whole numbers in types of its own."""
    if isinstance(value, Decimal):
        return number(value, -int(value.as_tuple().exponent))
    if not isinstance(value, SupportsInt):
        raise TypeError(f"{value!r} is not a figure")
    return number(int(value))
