"""`marelle coverage`: what bodies take over, what they owe each month, quotes, and the recaps of vouchers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.dates import parse_day, parse_month

if TYPE_CHECKING:
    from records.database import Records
    from warehouse.quotes import CoverageQuote

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Répondre en CSV.")]


def list_(
    state: Annotated[str, typer.Option(metavar="ÉTAT", help="Un seul état, par exemple asked ou applied.")] = "",
    body: Annotated[str, typer.Option(metavar="REF", help="Un seul organisme.")] = "",
    as_json: Json = False,
) -> None:
    """Lister les prises en charge : leur état, et ce que chacune attend."""
    from cli.help import WrongValue
    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.coverages import KIND_WORDS, STATE_WORDS
    from domain.french import staff_name
    from records.operations.coverage_lists import list_coverages

    if state and state not in STATE_WORDS:
        raise WrongValue(f"« {state} » n'est pas un état. Choisissez : {', '.join(STATE_WORDS)}.")
    with records_here() as records:
        found = list_coverages(records, operator(), states=[state] if state else [], body_ref=body or None)
    rows = [
        {
            "ref": each.ref,
            "state": each.state,
            "child": staff_name(each.child_last_name, each.child_first_name),
            "body_name": each.body_name,
            "kind": each.kind,
            "decision_number": each.decision_number,
            "valid_from": each.valid_from,
            "valid_to": each.valid_to,
            "rank": each.rank,
            "quoted": None if each.quoted_cents is None else _euros(each.quoted_cents),
            "waits_for": each.waits_for,
        }
        for each in found
    ]
    columns = [
        Column("ref", "Référence"),
        Column("state", "État", lambda code: STATE_WORDS[code]),
        Column("child", "Enfant"),
        Column("body_name", "Organisme"),
        Column("kind", "Type", lambda code: KIND_WORDS[code]),
        Column("decision_number", "Décision", lambda number: number or "pas encore"),
        Column("valid_from", "Du"),
        Column("waits_for", "Attend", lambda words: words or "rien"),
    ]
    if as_json:
        columns = [Column(key, "") for key in (rows[0] if rows else ())]
    print_rows(rows, columns, as_json=as_json, empty="Aucune prise en charge.")


def statement(
    month: Annotated[str, typer.Argument(metavar="AAAA-MM", help="Le mois, par exemple 2026-11.")],
    body: Annotated[str, typer.Option(metavar="REF", help="Un seul organisme.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Montrer l'état mensuel par organisme : une ligne par décision, à joindre au titre de recette."""
    from dataclasses import asdict

    from cli.output import print_csv, print_json
    from cli.settings import home_folder
    from domain.french import month_name
    from warehouse.reader import StatementRow, open_snapshot

    first = parse_month(month)
    found = open_snapshot(home_folder()).third_party_statement(first, body_ref=body or None)
    if as_json:
        print_json([asdict(each) for each in found])
    elif as_csv:
        print_csv([asdict(each) for each in found], list(StatementRow.__dataclass_fields__))
    else:
        _tell_statement([asdict(each) for each in found], f"Aucun organisme ne doit rien pour {month_name(first)}.")


def recap(
    due: Annotated[str, typer.Option("--due", metavar="AAAA-MM-JJ", help="Le jour où il est attendu.")] = "",
    as_json: Json = False,
) -> None:
    """Montrer les récapitulatifs de bons MSA : où en est chaque structure, et ce que ses bons paient."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows
    from cli.settings import home_folder, operator, records_here
    from records.operations.voucher_recaps import STEP_WORDS, recap_states
    from warehouse.reader import open_snapshot

    with records_here() as records:
        found = recap_states(records, operator(), parse_day(due) if due else None)
    reader = open_snapshot(home_folder())
    vouchers = [
        [asdict(each) for each in reader.vouchers(state.first_day, state.end, [state.structure_ref])]
        for state in found
    ]
    if as_json:
        print_json([{**asdict(state), "vouchers": each} for state, each in zip(found, vouchers, strict=True)])
        return
    columns = [
        Column("decision_number", "Bon"),
        Column("child_last_name", "Nom"),
        Column("child_first_name", "Prénom"),
        Column("day_count", "Jours", is_right=True),
        Column("amount", "Montant", _amount, is_right=True),
    ]
    for state, rows in zip(found, vouchers, strict=True):
        late = " ⚠ à envoyer maintenant" if state.is_reminded else ""
        print_line(f"{state.structure_label}, pour le {state.due_on:%d/%m/%Y} : {STEP_WORDS[state.step]}{late}")
        print_rows(rows, columns, as_json=False, empty="  Aucun bon utilisé sur ces jours.")
    if not found:
        print_line("Aucun récapitulatif n'est attendu : aucune structure n'a de bon MSA sur ces jours.")


def quote(
    ref: Annotated[str, typer.Argument(metavar="REF", help="Référence de la prise en charge.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour.")],
    service: Annotated[str, typer.Option(metavar="REF", help="Service des jours à prévoir en plus.")] = "",
    day: Annotated[
        list[str] | None, typer.Option("--day", metavar="AAAA-MM-JJ", help="Un jour à prévoir en plus.")
    ] = None,
    pdf: Annotated[str, typer.Option("--pdf", metavar="FICHIER", help="Écrire aussi le devis en PDF.")] = "",
    as_json: Json = False,
) -> None:
    """Chiffrer le devis d'une prise en charge : ce que la famille paierait avec elle, et sans elle.

    Les inscriptions et réservations de l'enfant comptent ; « --service » et « --day » en supposent d'autres. Rien
    n'est enregistré.
    """
    from cli.help import WrongValue
    from cli.output import print_json
    from cli.settings import home_folder, operator, records_here
    from records.operations.coverage_lists import coverage_to_quote
    from warehouse.quotes import PlannedDay, quote_of_coverage

    if bool(service) != bool(day):
        raise WrongValue("Donnez « --service » avec au moins un « --day », ou aucun des deux.")
    with records_here() as records:
        child_ref = coverage_to_quote(records, operator(), ref).child_ref
        planned = tuple(PlannedDay(child_ref, service, parse_day(each)) for each in day or ())
        days = (parse_day(first), parse_day(last), planned)
        made = quote_of_coverage(records, home_folder(), operator(), ref, days)
        if pdf:
            _write_quote(records, made, pdf)
    if as_json:
        print_json(_as_object(made))
    else:
        _tell_quote(made)


def _tell_statement(rows: list[dict[str, Any]], empty: str) -> None:
    from itertools import groupby

    from cli.output import Column, print_line, print_rows

    columns = [
        Column("decision_number", "Décision"),
        Column("child_last_name", "Nom"),
        Column("child_first_name", "Prénom"),
        Column("first_day", "Du"),
        Column("last_day", "Au"),
        Column("day_count", "Jours", is_right=True),
        Column("price", "Prix", _amount, is_right=True),
        Column("amount", "Pris en charge", _amount, is_right=True),
    ]
    for name, group in groupby(rows, key=lambda row: row["body_name"]):
        of_body = list(group)
        print_line(name)
        print_rows(of_body, columns, as_json=False, empty="")
        print_line(f"Total {name} : {_amount(sum(row['amount'] for row in of_body))}")
    if any(row["is_provisional"] for row in rows):
        print_line("Le mois n'est pas fini : ces montants peuvent encore changer.")
    if not rows:
        print_line(empty)


def _write_quote(records: Records, made: CoverageQuote, file: str) -> None:
    from pathlib import Path

    from cli.dates import today_here
    from domain.money import to_cents
    from domain.quote_paper import QuoteFacts, QuoteRow, quote_paper
    from exchanges.papers.statements import statement_pdf
    from records.models import Collectivity
    from records.operations.paper_readers import letterhead
    from records.operations.paper_settings import paper_on

    today = today_here()
    with records.read() as session:
        head = letterhead(session.get_one(Collectivity, 1), paper_on(session, today))
    rows = [
        QuoteRow(
            each.line.day,
            each.line.service_label,
            to_cents(each.covered + each.by_others + each.family),
            to_cents(each.covered),
            to_cents(each.family),
        )
        for each in made.lines
    ]
    about = made.about
    facts = QuoteFacts(
        about.ref,
        about.body_name,
        f"{about.child_first_name} {about.child_last_name}",
        made.first_day,
        made.last_day,
        today,
        rows,
        to_cents(made.family_without),
        len(made.unpriced),
        head,
    )
    Path(file).write_bytes(statement_pdf(quote_paper(facts), today))


def _tell_quote(made: CoverageQuote) -> None:
    from cli.output import Column, print_line, print_rows
    from domain.french import plural, staff_name

    child = staff_name(made.about.child_last_name, made.about.child_first_name)
    print_line(f"Devis {made.about.ref} : {child}, {made.about.body_name}")
    columns = [
        Column("day", "Jour"),
        Column("service_label", "Service"),
        Column("price", "Prix", _amount, is_right=True),
        Column("covered", "Pris en charge", _amount, is_right=True),
        Column("family", "Famille", _amount, is_right=True),
    ]
    print_rows(_quoted_rows(made), columns, as_json=False, empty="Aucune ligne sur ces jours.")
    print_line(f"Prix : {_amount(made.price)}")
    print_line(f"Pris en charge par {made.about.body_name} : {_amount(made.covered)}")
    print_line(f"La famille paierait {_amount(made.family_with)}, au lieu de {_amount(made.family_without)} sans.")
    if made.unpriced:
        print_line(f"⚠ {plural(len(made.unpriced), 'ligne')} sans prix, hors du devis : voyez « marelle doctor ».")


def _as_object(made: CoverageQuote) -> dict[str, Any]:
    return {
        "ref": made.about.ref,
        "body_name": made.about.body_name,
        "child_ref": made.about.child_ref,
        "first_day": made.first_day,
        "last_day": made.last_day,
        "price": made.price,
        "covered": made.covered,
        "family_with": made.family_with,
        "family_without": made.family_without,
        "lines": _quoted_rows(made),
        "unpriced": [line.line_key for line in made.unpriced],
    }


def _quoted_rows(made: CoverageQuote) -> list[dict[str, Any]]:
    return [
        {
            "line_key": each.line.line_key,
            "day": each.line.day,
            "service_label": each.line.service_label,
            "price": each.line.amount,
            "covered": each.covered,
            "by_others": each.by_others,
            "family": each.family,
        }
        for each in made.lines
    ]


def _amount(value: Any) -> str:
    from domain.french import euros
    from domain.money import to_cents

    return euros(to_cents(value))


def _euros(cents: int) -> Any:
    from domain.money import from_cents

    return from_cents(cents)
