"""`marelle invoices`: invoices, their lines and their reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from domain.lines import PricedLine
    from records.database import Records
    from records.operations.invoices import InvoiceSeen
    from warehouse.reader import Reader

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
PAGE_LINES = 100


def list_(
    month: Annotated[str, typer.Option("--month", metavar="AAAA-MM", help="Un seul mois.")] = "",
    payer: Annotated[str, typer.Option("--payer", metavar="REF", help="Un seul payeur.")] = "",
    family: Annotated[str, typer.Option("--family", metavar="DOSSIER", help="Un seul dossier famille.")] = "",
    page: Annotated[int, typer.Option("--page", metavar="NUMÉRO", help="Page de la liste, 100 par page.")] = 1,
    as_json: Json = False,
) -> None:
    """Lister les factures émises, la dernière d'abord."""
    from cli.dates import parse_month
    from cli.output import Column, print_line, print_rows
    from cli.settings import operator, records_here
    from domain.french import euros, month_name, plural, short_date
    from records.operations.invoices import InvoicesAsked, list_invoices
    from records.operations.paging import PageAsked

    asked = InvoicesAsked(parse_month(month) if month else None, payer or None, family or None)
    with records_here() as records:
        found = list_invoices(records, operator(), asked, PageAsked(page, PAGE_LINES))
    print_rows(
        [asdict(line) for line in found.lines],
        [
            Column("number", "N°"),
            Column("month", "Mois", month_name),
            Column("payer_name", "Payeur"),
            Column("total_cents", "Montant", euros, is_right=True),
            Column("credited_cents", "Avoirs", euros, is_right=True),
            Column("previous_balance_cents", "Solde d'avant", euros, is_right=True),
            Column("due_on", "Avant le", short_date),
        ],
        as_json=as_json,
        empty="Aucune facture. « marelle month issue AAAA-MM » émet celles d'un mois confirmé.",
    )
    if not as_json and found.pages > 1:
        print_line(f"Page {page} sur {found.pages}, {plural(found.total, 'facture')}. La suite : --page {page + 1}")


def show(
    number: Annotated[str, typer.Argument(metavar="NUMÉRO", help="Numéro de la facture, par exemple 2026-000123.")],
    as_json: Json = False,
) -> None:
    """Montrer une facture : chaque personne, chaque jour, régularisations, reports, avoirs et solde."""
    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.invoice_text import invoice_sentences
    from records.operations.invoices import see_invoice

    with records_here() as records:
        seen = see_invoice(records, operator(), number)
    if as_json:
        print_json(asdict(seen))
        return
    line = seen.line
    print_line(f"Facture n° {line.number}, {line.payer_name} ({line.payer_ref})")
    for sentence in invoice_sentences(seen.body, seen.children):
        print_line(sentence)
    _tell_totals(seen)


def _tell_totals(seen: InvoiceSeen) -> None:
    from cli.output import print_line
    from domain.french import euros, long_date

    line = seen.line
    print_line(f"À payer : {euros(line.total_cents)}, avant le {long_date(line.due_on)}.")
    print_line(
        f"Solde précédent : {euros(line.previous_balance_cents)}. Solde à ce jour : {euros(seen.payer_owes_cents)}."
    )
    for credit in seen.credits:
        name = f"Avoir n° {credit.credit_note}" if credit.credit_note else "Annulation demandée"
        print_line(f"{name} : {euros(credit.amount_cents)} ({credit.reason}).")


def pdf(
    what: Annotated[
        str,
        typer.Argument(metavar="AAAA-MM|NUMÉRO", help="Un mois, par exemple 2026-11, ou le numéro d'une facture."),
    ],
    out: Annotated[
        str, typer.Option("--out", metavar="FICHIER", help="Où écrire le PDF d'une facture ; sans lui, ici même.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Mettre en PDF les factures d'un mois, ou une seule.

    Les PDF d'un mois vont dans le dossier « factures » de MARELLE_HOME, avec un fichier à imprimer, dans l'ordre
    des adresses, pour les familles qui veulent du papier. Interrompu, le travail ne refait que ce qui manque.
    """
    if len(what) == len("AAAA-MM"):
        _month_pdfs(what, as_json=as_json)
    else:
        _one_pdf(what, out, as_json=as_json)


def _month_pdfs(month: str, *, as_json: bool) -> None:
    from cli.dates import parse_month
    from cli.output import print_json, print_line, progress
    from cli.settings import database_url, home_folder, records_here
    from domain.french import plural
    from jobs.invoice_pdfs import PRINT_FILE, make_pdfs
    from jobs.kinds import JobContext

    parse_month(month)
    with records_here() as records, progress("Factures en PDF") as tell:
        done = dict(make_pdfs(JobContext(records, home_folder(), database_url(), {"month": month}, tell)))
    if as_json:
        print_json(done)
        return
    print_line(
        f"✓ {plural(done['invoices'], 'facture')} en PDF, dont {done['made']} à l'instant : {done['folder']}"
    )
    if done["on_paper"]:
        print_line(
            f"À imprimer pour {plural(done['on_paper'], 'famille')}, {plural(done['pages'], 'page')} : {PRINT_FILE}"
        )
    else:
        print_line("Rien à imprimer : aucune de ces familles ne veut de papier.")


def _one_pdf(number: str, out: str, *, as_json: bool) -> None:
    from pathlib import Path

    from cli.output import print_json, print_line
    from cli.settings import home_folder, operator, records_here
    from exchanges.papers.invoices import invoice_pdf
    from records.operations.invoice_papers import invoice_facts

    with records_here() as records:
        (facts,) = invoice_facts(records, operator(), [number])
    path = Path(out or f"facture-{facts.number}.pdf")
    path.write_bytes(invoice_pdf(home_folder(), facts))
    if as_json:
        print_json({"number": facts.number, "file": str(path)})
    else:
        print_line(f"✓ Facture n° {facts.number} : {path}")


def certificate(
    year: Annotated[int, typer.Argument(metavar="ANNÉE", help="Année civile, par exemple 2026.")],
    payer: Annotated[str, typer.Option("--payer", metavar="REF", help="Référence du payeur.")],
    out: Annotated[
        str, typer.Option("--out", metavar="FICHIER", help="Où écrire le PDF ; sans lui, ici même.")
    ] = "",
) -> None:
    """Mettre en PDF l'attestation annuelle d'un payeur, pour sa déclaration de revenus."""
    from pathlib import Path

    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.tax_certificate import certificate_paper
    from exchanges.papers.statements import statement_pdf
    from records.operations.tax_certificates import certificate_facts

    with records_here() as records:
        facts = certificate_facts(records, operator(), payer, year)
    path = Path(out or f"attestation-{year}-{facts.payer_ref}.pdf")
    path.write_bytes(statement_pdf(certificate_paper(facts), facts.made_on))
    print_line(f"✓ Attestation {year} : {path}")


def paper(
    decision: Annotated[str, typer.Option("--decision", metavar="TEXTE", help="Décision qui fixe ces mentions.")],
    sender: Annotated[
        str, typer.Option("--sender", metavar="TEXTE", help="Service, adresse, téléphone ; \\n sépare les lignes.")
    ] = "",
    ways: Annotated[str, typer.Option("--ways-to-pay", metavar="TEXTE", help="Comment payer.")] = "",
    remedies: Annotated[str, typer.Option("--remedies", metavar="TEXTE", help="Voies et délais de recours.")] = "",
    codes: Annotated[
        str,
        typer.Option(
            "--codes",
            metavar="CODES",
            help="Buralistes : établissement, période, recette, émetteur et poste, séparés par des virgules.",
        ),
    ] = "",
    sums_key: Annotated[
        bool, typer.Option("--sums-debtor-key", help="La trésorerie additionne la clé du débiteur.")
    ] = False,
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, aujourd'hui.")
    ] = "",
) -> None:
    """Régler ce qui s'imprime autour des factures : expéditeur, moyens de payer, recours, code des buralistes.

    Le code n'est imprimé que si la trésorerie a donné ses cinq codes et validé un spécimen.
    """
    from cli.dates import parse_day, today_here
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.errors import InvalidData
    from domain.french import long_date
    from domain.payment_code import CollectionCodes
    from records.operations.paper_settings import NewPaperSetting, set_paper

    given = [code.strip() for code in codes.split(",")] if codes else []
    collection = None
    if given:
        if len(given) != 5:
            raise InvalidData(
                "Donnez les cinq codes de la trésorerie : établissement,période,recette,émetteur,poste."
            )
        establishment, period, product, issuer, post = given
        collection = CollectionCodes(establishment, period, product, issuer, post, sums_key)
    day = parse_day(first) if first else today_here()
    printed, paid, contested = (text.replace("\\n", "\n") for text in (sender, ways, remedies))
    setting = NewPaperSetting(day, decision, printed, paid, contested, collection)
    with records_here() as records:
        set_paper(records, operator(), setting)
    print_line(f"✓ Mentions des factures enregistrées, à partir du {long_date(day)}.")


def explain(
    what: Annotated[
        str, typer.Argument(metavar="LIGNE", help="Référence de la ligne (line_key), ou numéro d'une facture.")
    ],
    as_json: Json = False,
) -> None:
    """Expliquer un prix, de la ligne jusqu'aux passages, ce qui en fut facturé et ce qui a changé depuis.

    Les références des lignes : marelle query "select line_key, day, service_label, amount from fct_priced_lines"
    """
    from cli.output import print_json, print_line
    from cli.settings import home_folder, operator, records_here
    from domain.explained_invoices import line_keys
    from records.operations.invoices import see_invoice
    from warehouse.reader import open_snapshot

    reader = open_snapshot(home_folder())
    with records_here() as records:
        is_invoice = what.replace("-", "").isdecimal()
        if not is_invoice:
            told = [_explained(reader, records, what)]
        else:
            seen = see_invoice(records, operator(), what)
            told = [_explained(reader, records, key) for key in line_keys(seen.body, seen.line.payer_ref)]
    if as_json:
        print_json([each.as_json() for each in told] if is_invoice else told[0].as_json())
        return
    for rank, each in enumerate(told):
        if rank:
            print_line()
        each.print()


@dataclass(frozen=True)
class _Explained:
    line: PricedLine
    sentences: tuple[str, ...]
    invoiced: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {**asdict(self.line), "explanation": list(self.sentences), "invoiced": list(self.invoiced)}

    def print(self) -> None:
        from cli.dates import today_here
        from cli.output import print_line
        from portal.views.reason import reason_view

        view = reason_view(self.line, self.sentences, today_here(), self.invoiced)
        print_line(f"{view.first_name}, {view.service}, {view.day_label}, {view.place} : {view.price}")
        for sentence in view.sentences:
            print_line(f"  {sentence}")
        for title, sentences in (
            ("Factures", view.invoiced),
            ("Passages", [f"{tap.what} ({tap.how})" for tap in view.taps] or [view.no_tap_sentence]),
        ):
            if sentences:
                print_line()
                print_line(title)
            for sentence in sentences:
                print_line(f"  {sentence}")


def _explained(reader: Reader, records: Records, line_key: str) -> _Explained:
    from cli.settings import operator
    from domain.errors import NotFound
    from domain.explained_invoices import LineNow, explain_invoiced, frozen_line, line_now
    from domain.explanations import explain as explain_line
    from domain.shares import Shares
    from records.operations.invoice_lines import line_mentions

    try:
        line = reader.priced_line(line_key)
    except NotFound:
        # Billed once, and there no more: the invoice still explains it.
        is_key = line_key.count("~") == 4
        mentions = line_mentions(records, operator(), line_key) if is_key else []
        billed = next((mention for mention in mentions if mention.day is not None), None)
        if billed is None:
            raise
        gone = frozen_line(line_key, billed, None)
        return _Explained(gone, (), explain_invoiced(line_key, mentions, LineNow(None, None)))
    mentions = line_mentions(records, operator(), line_key)
    shares = Shares.of(reader.covered_lines(line.day, payer_ref=line.payer_ref))
    why = (*explain_line(line), *shares.sentences(line))
    return _Explained(line, why, explain_invoiced(line_key, mentions, line_now(line, shares)))
