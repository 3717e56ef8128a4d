"""Comptes de la structure: charges and produits of a year, entered, corrected, or imported from accounting."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.context import Visit, records
from dashboards.look import decision, download, french_uploader, secondary, show_metrics, show_table
from dashboards.screens.common import choose, do, say_done
from dashboards.viewmodels import caf_entries as view
from domain.errors import InvalidData
from domain.french import euros, plural, typeset
from records.actors import Right
from records.operations.accounting import (
    CHARGE,
    PRODUIT,
    AccountingLineSeen,
    NewAccountingLine,
    accounting_lines,
    add_accounting_line,
    correct_accounting_line,
    import_accounting,
)

YEARS_BACK = 3
HOW = typeset(
    "**À quoi servent ces comptes.** Le prix de revient de l'heure d'une activité est le total de ses charges "
    "divisé par ses heures : sans eux, la prestation en euros n'est pas calculée. Une charge partagée se répartit "
    "selon les heures des enfants dans chaque activité du lieu. Les comptes de janvier à juin, ou à septembre, "
    "servent aux déclarations actualisées ; ils ne s'ajoutent pas à ceux de l'année. Une correction garde la "
    "première ligne dans l'historique ; corriger à 0 la retire."
)


def page(visit: Visit) -> None:
    """Draw the page for those who declare for a place; raises NotAllowed."""
    places = visit.places(Right.DECLARE_CAF)
    st.title("Comptes de la structure")
    left, middle, right = st.columns(3)
    with left:
        place = choose("Structure", "lieu", places, next(iter(places)))
    with middle:
        years = {
            str(each): str(each) for each in range(visit.today.year + 1, visit.today.year - YEARS_BACK - 1, -1)
        }
        year = int(choose("Année", "annee", years, str(visit.today.year)))
    every = accounting_lines(records(), visit.actor, place, year)
    with right:
        period = choose("Comptes de", "periode", view.PERIOD_CHOICES, view.first_period(every))
    lines = [each for each in every if each.period == period]
    when = f"{view.PERIOD_CHOICES[period].lower()} {year}"
    secondary(f"{places[place]} – {when}")
    say_done()
    decision(*view.accounts_headline(every, year, visit.today), icon=":material/account_balance:")
    sums = {
        nature: sum(each.amount_cents for each in lines if each.nature == nature) for nature in (CHARGE, PRODUIT)
    }
    show_metrics(
        [
            ("Charges", euros(sums[CHARGE]), when),
            ("Produits", euros(sums[PRODUIT]), when),
            ("Lignes", str(len(lines)), "saisies ou importées"),
        ]
    )
    if lines:
        table = view.accounts_table(lines)
        show_table(table, on_phone=(0, 1, 3))
        download(table, f"comptes-{place}-{year}-{period}.csv")
        _correct(visit, lines)
    else:
        st.markdown(f"Aucune ligne pour {when}. Ajoutez-en une, ou importez le fichier de la comptabilité.")
    _add(visit, place, year, period)
    _import(visit)
    secondary(HOW)


def _add(visit: Visit, place: str, year: int, shown: str) -> None:
    st.subheader("Ajouter une ligne")
    with st.form("nouvelle-ligne", clear_on_submit=True):
        left, middle, right = st.columns(3)
        account = left.text_input("Compte", max_chars=12, help="60 à 68 et 86, ou 70 à 79 et 87.")
        label = middle.text_input("Libellé", max_chars=200)
        amount = right.text_input("Montant (€)", max_chars=16, help="Négatif pour un avoir.")
        left, right = st.columns(2)
        activity = _chosen(left, "Activité", view.ACTIVITY_CHOICES)
        period = _chosen(right, "Période", view.PERIOD_CHOICES, shown)
        if st.form_submit_button("Ajouter", type="primary"):
            do(
                lambda: add_accounting_line(
                    records(),
                    visit.actor,
                    NewAccountingLine(
                        place, year, account.strip(), label, view.typed_euros(amount), activity or None, period
                    ),
                ),
                "Ligne ajoutée. Elle compte au prochain calcul.",
            )


def _chosen(column: DeltaGenerator, label: str, words: dict[str, str], first: str = "") -> str:
    codes = list(words)
    chosen: str = column.selectbox(label, codes, codes.index(first), format_func=lambda code: words[code])
    return chosen


def _correct(visit: Visit, lines: list[AccountingLineSeen]) -> None:
    with st.expander("Corriger une ligne"):
        words = {each.id: f"{each.account} {each.label}, {euros(each.amount_cents)}" for each in lines}
        chosen = st.selectbox("Ligne", list(words), format_func=lambda each: words[each])
        line = next(each for each in lines if each.id == chosen)
        with st.form(f"correction-{chosen}"):
            label = st.text_input("Nouveau libellé", line.label, max_chars=200)
            amount = st.text_input("Nouveau montant (€)", view.euros_text(line.amount_cents), max_chars=16)
            if st.form_submit_button("Enregistrer la correction"):
                do(
                    lambda: correct_accounting_line(
                        records(), visit.actor, line.id, label, view.typed_euros(amount)
                    ),
                    "Correction enregistrée : la première ligne reste dans l'historique.",
                )


def _import(visit: Visit) -> None:
    st.subheader("Importer de la comptabilité")
    st.markdown(
        "Un fichier CSV avec les colonnes structure, annee, compte, libelle, montant, et au besoin activite et "
        "periode : tout, ou rien."
    )
    french_uploader()
    given = st.file_uploader("Fichier des comptes", type=["csv"])
    if given is not None and st.button("Importer le fichier", type="primary"):
        content = given.getvalue()

        def bring() -> None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "comptes.csv"
                path.write_bytes(content)
                done = import_accounting(records(), visit.actor, path)
            if done.faults:
                said = "  \n".join(str(fault) for fault in done.faults[:10])
                count = plural(len(done.faults), "faute", "fautes")
                raise InvalidData(typeset(f"{count}. Rien n'a été enregistré.  \n{said}"))

        do(bring, "Comptes importés. Ils comptent au prochain calcul.")
