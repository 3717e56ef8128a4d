"""Acting on prises en charge: record one, and take one to its next state, each step by its operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from dashboards.context import Visit, records
from dashboards.look import secondary, show_table
from dashboards.screens.common import choose, do
from dashboards.viewmodels import coverages as view
from dashboards.viewmodels.typed import typed_amount, typed_cents, typed_percent_e4
from domain.coverages import APPLIED, KIND_WORDS, NEXT, NOTIFIED, QUOTED, UNIT_WORDS
from domain.errors import InvalidData, MarelleError
from domain.french import plural, short_date, staff_name, typeset
from records.actors import Right
from records.operations.coverage_choices import coverage_choices, enrolments_to_cover
from records.operations.coverage_lists import CoverageLine, coverage_history
from records.operations.coverage_terms import CoverageTerms
from records.operations.coverages import (
    NewCoverage,
    Notice,
    apply_coverage,
    ask_coverage,
    end_coverage,
    notify_coverage,
    quote_coverage,
    record_coverage,
    remove_coverage,
)
from records.operations.family_search import search_families

ANY_SERVICE = "tous"
NUMBER_HELP = "Il est sur la notification. L'état mensuel en porte une ligne par décision."


def register(visit: Visit) -> None:
    """Offer to record what is asked of a body, or a paper that comes already decided."""
    with st.expander("Enregistrer une prise en charge", icon=":material/add:"):
        typed = st.text_input("Nom de l'enfant", key="enfant-cherche", help="Deux lettres au moins, puis Entrée.")
        if not typed.strip():
            return
        try:
            children = _children(visit, typed)
        except MarelleError as failure:
            st.error(failure.message, icon=":material/error:")
            return
        if not children:
            st.markdown("Aucun enfant de ce nom. Vérifiez l'orthographe, ou cherchez le nom d'un parent.")
            return
        _new_form(visit, children)


def one(visit: Visit, lines: Sequence[CoverageLine]) -> None:
    """Show one coverage, what happened to it, and what may be done with it now."""
    by_ref = {line.ref: line for line in sorted(lines, key=lambda line: not line.waits_for)}
    words = {ref: view.line_label(line) for ref, line in by_ref.items()}
    st.subheader("Une prise en charge en détail")
    line = by_ref[choose("Prise en charge", "prise", words, next(iter(by_ref)))]
    until = f" au {short_date(line.valid_to)}, jour exclu" if line.valid_to else ", sans fin"
    st.markdown(view.terms_sentence(line.terms))
    secondary(f"{KIND_WORDS[line.kind].capitalize()}, du {short_date(line.valid_from)}{until}, rang {line.rank}")
    show_table(
        view.history_table(coverage_history(records(), visit.actor, line.ref), visit.site.timezone), (0, 1, 3)
    )
    if QUOTED in NEXT[line.state]:
        _quote(visit, line)
    if NOTIFIED in NEXT[line.state]:
        _notify(visit, line)
    if line.state in (NOTIFIED, APPLIED):
        _apply(visit, line)
    if any(each.removed_on is None for each in line.applied_to):
        _remove(visit, line)
    _end(visit, line)


def _children(visit: Visit, typed: str) -> dict[str, str]:
    return {
        person.person_ref: f"{staff_name(person.last_name, person.first_name)}, {family.name}"
        for family in search_families(records(), visit.actor, typed).families
        for person in family.people
        if person.role == "child"
    }


def _new_form(visit: Visit, children: Mapping[str, str]) -> None:
    choices = coverage_choices(records(), visit.actor)
    with st.form("nouvelle-prise-en-charge"):
        child = st.selectbox("Enfant", list(children), format_func=lambda ref: children[ref])
        body = st.selectbox("Organisme", list(choices.bodies), format_func=lambda ref: choices.bodies[ref])
        kind = st.selectbox("Type", list(KIND_WORDS), format_func=lambda code: KIND_WORDS[code].capitalize())
        services = {ANY_SERVICE: "Tous les services", **choices.services}
        service = st.selectbox("Service", list(services), format_func=lambda ref: services[ref])
        first, end = _days(visit.today, None)
        asked = _terms(None)
        decision = st.text_input(
            "N° de décision", max_chars=60, help="Laissez vide tant que l'organisme n'a pas répondu."
        )
        if st.form_submit_button("Enregistrer", type="primary"):
            do(
                lambda: _record(
                    visit, (child, body, kind, None if service == ANY_SERVICE else service), (first, end),
                    (_read_terms(asked), decision),
                ),
                "Prise en charge enregistrée. Appliquez-la à l'inscription une fois la décision reçue.",
            )  # fmt: skip


def _record(
    visit: Visit,
    about: tuple[str, str | None, str, str | None],
    days: tuple[date, date | None],
    said: tuple[CoverageTerms, str],
) -> None:
    child, body, kind, service = about
    terms, decision = said
    if body is None:
        raise InvalidData(typeset("Aucun organisme n'est enregistré. Demandez-le à l'administration."))
    ref = f"{child}-{visit.now // 1_000_000}"
    new = NewCoverage(ref, body, child, kind, terms, *days, service)
    if decision.strip():
        record_coverage(records(), visit.actor, new, Notice(decision))
    else:
        ask_coverage(records(), visit.actor, new)


def _days(first: date, end: date | None) -> tuple[date, date | None]:
    left, right = st.columns(2)
    with left:
        starts: date = st.date_input("Du", first, format="DD/MM/YYYY")
    with right:
        ends: date | None = st.date_input(
            "Jusqu'au (jour exclu)", end, format="DD/MM/YYYY", help="Vide : sans fin."
        )
    return starts, ends


Typed = Mapping[str, str | bool]


def _terms(terms: CoverageTerms | None) -> Typed:
    """Ask for what the body pays, and each ceiling."""
    known = terms or CoverageTerms("percent", "day")
    forms, units = list(view.FORM_WORDS), list(UNIT_WORDS)
    left, middle, right = st.columns(3)
    form = left.selectbox(
        "Ce que paie l'organisme", forms, forms.index(known.form), format_func=lambda code: view.FORM_WORDS[code]
    )
    amount = known.percent_e4 if known.form == "percent" else known.amount_cents
    value = middle.text_input("Combien (% ou €)", typed_amount(amount))
    unit = right.selectbox(
        "Par", units, units.index(known.unit), format_func=lambda code: UNIT_WORDS[code].capitalize()
    )
    left, middle, right = st.columns(3)
    count = left.text_input("Nombre au plus", "" if known.units_max is None else str(known.units_max))
    unit_ceiling = middle.text_input("Plafond par unité (€)", typed_amount(known.unit_ceiling_cents))
    ceiling = right.text_input("Plafond en tout (€)", typed_amount(known.ceiling_cents))
    holidays = st.checkbox("Pendant les vacances seulement", known.holidays_only)
    return {
        "form": form, "unit": unit, "value": value, "count": count, "unit_ceiling": unit_ceiling,
        "ceiling": ceiling, "holidays": holidays,
    }  # fmt: skip


def _read_terms(typed: Typed) -> CoverageTerms:
    """Return the terms typed; raises InvalidData naming what is not a number."""
    form, value, count = str(typed["form"]), str(typed["value"]), str(typed["count"]).strip()
    if count and not count.isdigit():
        raise InvalidData(typeset(f"« {count} » n'est pas un nombre entier. Écrivez par exemple 20."))
    return CoverageTerms(
        form=form,
        unit=str(typed["unit"]),
        amount_cents=typed_cents(value) if form != "percent" else None,
        percent_e4=typed_percent_e4(value) if form == "percent" else None,
        unit_ceiling_cents=typed_cents(str(typed["unit_ceiling"])),
        units_max=int(count) if count else None,
        ceiling_cents=typed_cents(str(typed["ceiling"])),
        holidays_only=bool(typed["holidays"]),
    )


def _quote(visit: Visit, line: CoverageLine) -> None:
    with st.expander("Devis envoyé"), st.form(f"devis-{line.ref}"):
        amount = st.text_input("Montant du devis (€)", typed_amount(line.quoted_cents))
        comment = st.text_input("Remarque", max_chars=200)
        if st.form_submit_button("Noter le devis envoyé", type="primary"):
            do(
                lambda: quote_coverage(records(), visit.actor, line.ref, typed_cents(amount) or 0, comment or None),
                "Devis noté. La prise en charge attend la réponse de l'organisme.",
            )


def _notify(visit: Visit, line: CoverageLine) -> None:
    """Record the answer: number, days, and the terms, ceilings among them, that were agreed."""
    with st.expander("Réponse de l'organisme"), st.form(f"reponse-{line.ref}"):
        decision = st.text_input("N° de décision", max_chars=60, help=NUMBER_HELP)
        first, end = _days(line.valid_from, line.valid_to)
        known = line.terms if line.terms.form in view.FORM_WORDS else None
        typed = _terms(known) if known is not None else None
        if st.form_submit_button("Enregistrer la décision", type="primary"):
            do(
                lambda: notify_coverage(
                    records(), visit.actor, line.ref,
                    Notice(decision, None, _read_terms(typed) if typed else None, first, end),
                ),
                "Décision enregistrée. Appliquez-la maintenant à l'inscription.",
            )  # fmt: skip


def _apply(visit: Visit, line: CoverageLine) -> None:
    on = {each.enrolment_ref for each in line.applied_to if each.removed_on is None}
    found = {
        each.enrolment_ref: each
        for each in enrolments_to_cover(records(), visit.actor, line.ref)
        if each.enrolment_ref not in on
    }
    if not found:
        return
    with st.expander("Appliquer à une inscription"), st.form(f"appliquer-{line.ref}"):
        chosen = st.selectbox(
            "Inscription",
            list(found),
            format_func=lambda ref: (
                f"{found[ref].service_label}, {found[ref].structure_label}, "
                f"depuis le {short_date(found[ref].valid_from)}"
            ),
        )
        if st.form_submit_button("Appliquer", type="primary"):
            do(
                lambda: apply_coverage(records(), visit.actor, found[chosen].structure_ref, line.ref, [chosen]),
                "Prise en charge appliquée : elle se déduit des jours de cette inscription.",
            )


def _remove(visit: Visit, line: CoverageLine) -> None:
    on = {each.enrolment_ref: each for each in line.applied_to if each.removed_on is None}
    with (
        st.expander(f"Retirer d'une inscription ({plural(len(on), 'inscription')})"),
        st.form(f"retirer-{line.ref}"),
    ):
        chosen = st.selectbox(
            "Inscription",
            list(on),
            format_func=lambda ref: f"{on[ref].structure_label} ({ref})",
            key=f"r-{line.ref}",
        )
        day = st.date_input("Premier jour sans elle", visit.today, format="DD/MM/YYYY")
        if st.form_submit_button("Retirer"):
            do(
                lambda: remove_coverage(records(), visit.actor, line.ref, chosen, day),
                "Prise en charge retirée de l'inscription.",
            )


def _end(visit: Visit, line: CoverageLine) -> None:
    words = view.ends(line.state, visit.actor.may(Right.CLAIM_COVERAGES))
    if not words:
        return
    with st.expander("Clore ou reprendre"), st.form(f"clore-{line.ref}"):
        state = st.selectbox("Devient", list(words), format_func=lambda code: words[code])
        reason = st.text_input("Motif", max_chars=200, help="Il reste dans l'historique.")
        if st.form_submit_button("Enregistrer"):
            do(
                lambda: end_coverage(records(), visit.actor, line.ref, state, reason),
                f"Prise en charge : {words[state].lower()}.",
            )
