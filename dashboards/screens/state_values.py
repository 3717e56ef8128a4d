"""Paramètres nationaux: what the State or the CNAF fixes, with its date and source; newer values entered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import decision, download, secondary, show_metrics, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels import state_values as view
from dashboards.viewmodels.caf_entries import typed_day
from domain.french import number, short_date, typeset
from domain.parameters import Parameter, national
from records.operations.state_values import NewStateValue, StateValueSeen, enter_state_value, state_values

HOW = typeset(
    "**D'où viennent ces valeurs.** Marelle les livre avec leur texte ; une administratrice saisit les plus "
    "récentes, qui prévalent. Une valeur passée ne se modifie jamais : les calculs d'hier restent explicables."
)


def page(visit: Visit) -> None:
    """Draw the page of an administrator; raises NotAllowed."""
    st.title("Paramètres nationaux")
    seen = state_values(records(), visit.actor)
    parameters = sorted(national().values(), key=lambda each: each.id)
    kinds = sorted({view.kind_of(each.id) for each in parameters}, key=view.kind_words)
    words = {view.ALL_KINDS: "Toutes les familles", **{kind: view.kind_words(kind) for kind in kinds}}
    kind = choose("Famille de valeurs", "famille", words, view.ALL_KINDS)
    shown = [each for each in parameters if kind in (view.ALL_KINDS, view.kind_of(each.id))]
    names = {each.id for each in shown}
    values = [each for each in seen if each.parameter_id in names]
    lacking = view.missing(shown, values, visit.today)
    say_done()
    decision(*view.headline(lacking, values), icon=":material/tune:")
    show_metrics(
        [
            (
                "Valeurs nationales",
                number(len(shown)),
                "dans cette famille" if kind != view.ALL_KINDS else "en tout",
            ),
            ("À saisir", number(len(lacking)), f"sur {number(len(shown))}"),
            ("Saisies ici", number(sum(each.is_entered for each in values)), f"sur {number(len(values))}"),
        ]
    )
    if lacking:
        st.subheader("Valeurs à saisir")
        show_table(view.missing_table(lacking), on_phone=(0, 1))
    st.subheader("Valeurs d'aujourd'hui")
    table = view.current_table(values, visit.today)
    show_table(table, on_phone=(0, 1))
    download(table, "parametres-nationaux.csv")
    if shown:
        _one(visit, shown, values, lacking)
    secondary(HOW)


def _one(
    visit: Visit, shown: Sequence[Parameter], values: Sequence[StateValueSeen], lacking: Sequence[Parameter]
) -> None:
    """Show one value through time, and offer to enter a newer one."""
    st.subheader("Une valeur en détail")
    words = {each.id: each.description for each in shown}
    default = lacking[0].id if lacking else shown[0].id
    name = choose("Valeur", "valeur", words, default)
    parameter = next(each for each in shown if each.id == name)
    table = view.history_table(values, name, visit.today)
    if table.rows:
        show_table(table, on_phone=(0, 1))
    else:
        st.markdown("Aucune valeur n'est connue : saisissez celle du barème, avec son texte.")
    with st.form("nouvelle-valeur", clear_on_submit=True):
        left, right = st.columns(2)
        value = left.text_input(f"Nouvelle valeur ({parameter.unit})", max_chars=20)
        first = right.text_input(
            "À partir du", short_date(visit.today), max_chars=10, help="Par exemple 01/01/2027."
        )
        source = st.text_input(
            "Source", max_chars=200, help="Le texte d'où elle vient : circulaire, décret, barème."
        )
        if st.form_submit_button("Enregistrer", type="primary"):
            do(
                lambda: enter_state_value(
                    records(), visit.actor, NewStateValue(name, typed_day(first), value, source)
                ),
                "Valeur enregistrée. Les calculs suivants s'en servent.",
            )
