"""Déclarations CAF: the figures of a structure's year, their controls, what was frozen, and what is due when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import streamlit as st

from dashboards.context import Visit, records, snapshot
from dashboards.look import decision, download, secondary, show_metrics, show_table
from dashboards.screens.aeeh_answers import aeeh_rights
from dashboards.screens.caf_deadlines import draw_deadlines, draw_due
from dashboards.screens.caf_frozen import draw_frozen_opening
from dashboards.screens.caf_opening import draw_opening
from dashboards.screens.common import choose, data_time, do, forget, say_done
from dashboards.screens.filoue_answers import answers
from dashboards.screens.regime_answers import regimes
from dashboards.viewmodels import caf_declarations as view
from domain.caf_declarations import (
    FORECAST,
    PERIOD_OF,
    VERSION_WORDS,
    Control,
    Figure,
    controls_of,
    differences,
    prepared,
    version_named,
)
from domain.caf_lines import BLOCK_WORDS, line_label
from domain.french import plural, typeset
from exchanges.caf_declarations import declaration_files, declaration_name
from records.actors import Right
from records.operations.declarations import (
    DeclarationSeen,
    NewDeclaration,
    declarations,
    freeze_declaration,
)
from warehouse.reader import Reader

YEARS_BACK = 3
LAST_YEAR = "annee-precedente"
_FROZEN = "figee"  # which one is shown
HOW = typeset(
    "**Comment ces chiffres sont calculés.** Ils viennent des mêmes calculs que le *Bilan CAF*. Une ligne dont une "
    "valeur nationale manque est refusée par son nom ; ses heures restent données. Une fois figée, une déclaration "
    "ne change plus : une correction se voit comme un écart, sous un nouveau numéro."
)
_MIME = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv",
         ".pdf": "application/pdf"}  # fmt: skip
_ICONS = {".xlsx": "Tableur", ".csv": "CSV", ".pdf": "Page à recopier (PDF)"}


def page(visit: Visit) -> None:
    """Draw the page for the structures whose hours the reader may see; raises NotAllowed, SnapshotMissing."""
    places = visit.places(Right.SEE_CAF)
    st.title("Déclarations CAF")
    reader = snapshot()
    place, year, version = _asked(visit, places)
    known = declarations(records(), visit.actor, place, [year - 1, year])
    frozen = [each for each in known if (each.about.year, each.about.version) == (year, version)]
    figures = prepared(lambda asked, period: reader.declaration_figures(place, asked, period), year, version, {})
    controls = controls_of(reader.declaration_controls(place, year), version)
    secondary(f"{places[place]} – {data_time(visit, reader.snapshot)}")
    say_done()
    draw_due(visit)
    decision(*view.headline(figures, controls), icon=":material/outgoing_mail:")
    show_metrics(view.metrics(figures, controls, frozen))
    reasons = view.refusals(figures)
    if reasons:
        st.subheader("Pourquoi des lignes sont refusées")
        st.markdown("\n".join(f"- {reason}" for reason in reasons))
    if figures and version == FORECAST:
        st.markdown(view.forecast_start(figures, year, visit.today))
    for block, lines in view.block_tables(figures).items():
        st.subheader(block)
        show_table(lines)
    if figures:
        table = view.figures_table(figures)
        download(table, f"declaration-{place}-{year}-{version}.csv", "Télécharger ces lignes en CSV")
        if version != FORECAST:
            draw_opening(visit, reader, (place, year, PERIOD_OF[version]), figures)
    _compare(reader, known, (place, year, version), figures)
    names = reader.child_names(place) if visit.may(Right.SEE_FAMILIES, place) else {}
    _controls(controls, names, visit.service_names())
    if figures and visit.actor.may_somewhere(Right.DECLARE_CAF):
        _freeze(visit, reader, (place, year, version), (figures, controls))
    _frozen(visit, reader, known)
    draw_deadlines(visit, place)
    if visit.actor.may_somewhere(Right.EDIT_FAMILIES):
        regimes(visit)
        answers(visit)
        aeeh_rights(visit)
    secondary(HOW)


def _asked(visit: Visit, places: dict[str, str]) -> tuple[str, int, str]:
    left, middle, right = st.columns(3)
    with left:
        place = choose("Structure", "lieu", places, next(iter(places)))
    with middle:
        this = visit.today.year
        years = {str(year): str(year) for year in range(this + 1, this - YEARS_BACK - 1, -1)}
        year = int(choose("Exercice", "exercice", years, str(this)))
    with right:
        words = {code: said.capitalize() for code, said in VERSION_WORDS.items()}
        version = choose("Version", "version", words, version_named("updated", year, visit.today))
    return place, year, version


def _compare(
    reader: Reader, known: Sequence[DeclarationSeen], about: tuple[str, int, str], figures: Sequence[Figure]
) -> None:
    """Say what differs from a frozen declaration, or from the same months of the year before as they are today."""
    place, year, version = about
    others = {str(number): (declaration_name(each).capitalize(), each.figures) for number, each in enumerate(known)}
    last_year = () if version == FORECAST else reader.declaration_figures(place, year - 1, PERIOD_OF[version])
    if last_year:
        others[LAST_YEAR] = (f"Les mêmes mois de {year - 1}, calculés aujourd'hui", last_year)
    if not others:
        return
    st.subheader("Ce qui a changé")
    words = {key: said for key, (said, _) in others.items()}
    chosen = choose(
        "Comparer les chiffres d'aujourd'hui avec",
        "avec",
        words,
        view.compared_first(known, (year, version), words),
    )
    if chosen != LAST_YEAR:
        note = view.other_period_note(known[int(chosen)], version)
        if note:
            secondary(note)
    found = differences(others[chosen][1], figures)
    if not found:
        st.markdown("Aucun écart : les chiffres d'aujourd'hui sont les mêmes.")
        return
    show_table(view.differences_table(found), on_phone=(1, 3, 4))
    if chosen != LAST_YEAR and known[int(chosen)].keeps_days:
        secondary("Les journées qui font l'écart d'une ligne se lisent sous « Déclarations figées ».")


def _controls(
    controls: Sequence[Control], names: Mapping[str, tuple[str, str]], services: Mapping[str, str]
) -> None:
    st.subheader("Contrôles avant envoi")
    if not controls:
        st.markdown("Rien à signaler : ni heure en attente, ni régime inconnu, ni dépassement.")
        return
    st.markdown("\n".join(f"- {line}" for line in view.control_lines(controls)))
    with st.expander(plural(len(controls), "cas", "cas")):
        show_table(view.cases_table(controls, names, services), on_phone=(0, 2, 4))
        # The file may leave the house: it names nobody.
        download(view.cases_table(controls), "controles-caf.csv")


def _freeze(
    visit: Visit,
    reader: Reader,
    about: tuple[str, int, str],
    prepared_: tuple[tuple[Figure, ...], tuple[Control, ...]],
) -> None:
    """Offer to freeze what is shown; a forecast may be typed first."""
    place, year, version = about
    figures, controls = prepared_
    st.subheader("Figer et exporter")
    with st.form("figer"):
        st.markdown("Figer garde ces chiffres tels quels, avec leur empreinte, et prépare les fichiers à envoyer.")
        texts = _typed_lines(figures) if version == FORECAST else {}
        if st.form_submit_button("Figer la déclaration", type="primary", icon=":material/lock:"):

            def freeze() -> None:
                typed: dict[str, Decimal] = view.typed_figures(figures, texts)
                lines = prepared(
                    lambda asked, period: reader.declaration_figures(place, asked, period), year, version, typed
                )
                days = () if version == FORECAST else reader.declared_days(place, year, PERIOD_OF[version])
                new = NewDeclaration(place, year, version, reader.snapshot.id, lines, controls, days)
                freeze_declaration(records(), visit.actor, new)
                forget(_FROZEN)

            do(
                freeze,
                "Déclaration figée. Ses fichiers sont ci-dessous : recopiez la page sur le portail de la CAF.",
            )


def _typed_lines(figures: Sequence[Figure]) -> dict[str, str]:
    """Ask for the lines of a forecast, each filled with the year before."""
    texts = {}
    with st.expander("Saisir les lignes du prévisionnel (l'année précédente y est déjà)"):
        for each in figures:
            label = f"{BLOCK_WORDS.get(each.block, each.block)}, {line_label(each.code)}"
            texts[each.key] = st.text_input(label, view.typed_text(each), key=f"ligne-{each.key}", max_chars=20)
    return texts


def _frozen(visit: Visit, reader: Reader, known: Sequence[DeclarationSeen]) -> None:
    st.subheader("Déclarations figées")
    if not known:
        st.markdown("Aucune déclaration n'est figée pour cette structure, ni cette année ni l'année d'avant.")
        return
    words = {str(place): view.frozen_label(each, visit.site.timezone) for place, each in enumerate(known)}
    seen = known[int(choose("Déclaration", _FROZEN, words, str(len(known) - 1)))]
    secondary(f"Empreinte SHA-256{chr(0xA0)}: {seen.sha256}")
    files = declaration_files(records(), visit.actor, seen)
    for column, (name, content) in zip(st.columns(len(files)), files.items(), strict=True):
        suffix = name[name.rindex(".") :]
        column.download_button(
            _ICONS[suffix], content, name, _MIME[suffix], on_click="ignore", icon=":material/download:", key=name
        )
    draw_frozen_opening(visit, reader, seen)
