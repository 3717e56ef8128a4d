"""« Et si… » under the causes of an invoicing rate: fewer hours of one, or presence rounded otherwise, in euros."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.look import secondary
from dashboards.viewmodels import caf_what_if as view
from dashboards.viewmodels.caf_year import cause_words
from warehouse.reader import PsuCauseRow, PsuWhatIfRow

ROUNDING = "Un autre arrondi des présences"


def draw(rows: Sequence[PsuWhatIfRow], causes: Sequence[PsuCauseRow]) -> None:
    """Draw what a change would bring on the months known of a year; nothing before one of them is over."""
    base = view.as_it_is(rows)
    if base is None:
        return
    movable, steps = view.movable(rows, causes), view.steps(rows)
    choices: list[PsuCauseRow | None] = [*movable, *([None] if steps else [])]
    if not choices:
        return
    with st.expander("Et si… il y avait moins de ces heures, ou un autre arrondi"):
        secondary(view.basis(base))
        left, right = st.columns(2)
        place = left.selectbox("Ce qui change", range(len(choices)), format_func=lambda one: _words(choices[one]))
        cause = choices[place]
        if cause is None:
            words = {row.rounding_minutes: view.step_words(row, base) for row in steps}
            step = right.selectbox("Arrondi essayé", list(words), format_func=words.__getitem__)
            other = next(row for row in steps if row.rounding_minutes == step)
            st.markdown(view.rounded_words(base, other))
            secondary(view.HOW_ROUNDED)
            return
        less = view.with_less(rows, cause, right.slider("De moins, en %", 5, 100, 50, step=5))
        if less is not None:
            st.markdown(view.less_words(base, cause, less))
            secondary(view.HOW_LESS)


def _words(cause: PsuCauseRow | None) -> str:
    return ROUNDING if cause is None else cause_words(cause)
