"""`marelle month`: closing a month, from the structures' confirmation to the invoices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from cli.dates import parse_month

Month = Annotated[str, typer.Argument(metavar="AAAA-MM", help="Mois, par exemple 2026-11.")]
Place = Annotated[str, typer.Argument(metavar="LIEU", help="Référence du lieu, par exemple ecole-tilleuls.")]
Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
STATES = {
    "open": "… À confirmer",
    "confirmed": "✓ Confirmé",
    "locked": "✓ Facturé",
    "reopened": "… Rouvert, à confirmer",
}
STATUSES = {
    "fault": "Information manquante",
    "held_back": "Passages manquants",
    "not_confirmed": "Mois non confirmé",
    "provisional": "Service pas terminé",
}


def status(month: Month, as_json: Json = False) -> None:
    """Dire où en est un mois : qui a confirmé et quand, ce que seraient les factures aujourd'hui."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows
    from cli.settings import home_folder, operator, records_here, time_zone
    from domain.french import month_name
    from records.operations.month_states import months_of_places
    from warehouse.reader import open_snapshot

    first = parse_month(month)
    with records_here() as records:
        places = [asdict(each) for each in months_of_places(records, operator(), first)]
        zone = time_zone(records)
    totals = open_snapshot(home_folder()).draft_totals(first)
    if as_json:
        print_json({"month": month, "places": places, "drafts": asdict(totals)})
        return
    print_line(month_name(first).capitalize())
    print_rows(
        places,
        [
            Column("state", "État", lambda state: STATES[state]),
            Column("structure_name", "Lieu"),
            Column("said", "Par", lambda said: said["recorded_by"] if said else ""),
            Column("said", "Le", lambda said: _when(said, zone)),
        ],
        as_json=False,
        empty="Aucun lieu n'accueille d'enfants ce mois-là.",
    )
    print_line(_totals_sentence(totals))


def confirm(place: Place, month: Month, as_json: Json = False) -> None:
    """Confirmer le mois d'un lieu : la règle du service décide de ce qui reste, sous votre nom."""
    from dataclasses import asdict

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import month_name, plural
    from records.operations.month_confirmation import confirm_month

    first = parse_month(month)
    with records_here() as records:
        done = confirm_month(records, operator(), place, first)
    if as_json:
        print_json(asdict(done))
        return
    print_line(
        f"✓ {month_name(first).capitalize()} est confirmé. Décidé par la règle du service : "
        f"{plural(done.absences_billed, 'absence facturée', 'absences facturées')}, "
        f"{plural(done.absences_not_billed, 'absence non facturée', 'absences non facturées')}, "
        f"{plural(done.late_waived, 'retard abandonné', 'retards abandonnés')}."
    )
    if done.unknown_presences:
        print_line(f"⚠ {plural(done.unknown_presences, 'présence')} sans enfant connu : à rattacher à un dossier.")


def reopen(
    place: Place,
    month: Month,
    reason: Annotated[str, typer.Option("--reason", metavar="MOTIF", help="Pourquoi ce mois est rouvert.")],
) -> None:
    """Rouvrir le mois d'un lieu, avec un motif ; facturé, ses corrections viendront en régularisation."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import month_name
    from records.operations.month_states import reopen_month

    first = parse_month(month)
    with records_here() as records:
        reopen_month(records, operator(), place, first, reason)
    print_line(f"✓ {month_name(first).capitalize()} est rouvert. Corrigez, puis confirmez à nouveau.")


def check(month: Month, as_json: Json = False) -> None:
    """Dire, ligne par ligne, ce qui ne sera pas facturé, ce qui manque et qui doit agir.

    Le reste du mois se facture sans attendre ; ce qui est réglé ensuite vient en régularisation.
    """
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows
    from cli.settings import home_folder
    from domain.french import euros, short_date
    from warehouse.reader import open_snapshot

    first = parse_month(month)
    reader = open_snapshot(home_folder())
    lines = [asdict(line) for line in reader.waiting_lines(first)]
    kept = [asdict(credit) for credit in reader.waiting_credits(first)]
    if as_json:
        print_json({"month": month, "lines": lines, "credits": kept})
    else:
        print_rows(
            [
                {**line, "child": f"{line['child_last_name'].upper()} {line['child_first_name']}"}
                for line in lines
                if line["status"] != "not_confirmed"
            ],
            [
                Column("status", "Attend", lambda code: STATUSES[code]),
                Column("day", "Jour", short_date),
                Column("child", "Pour qui"),
                Column("service_label", "Service"),
                Column("structure_label", "Lieu"),
                Column("message", "À faire", lambda text: text or ""),
            ],
            as_json=False,
            empty="✓ Aucune ligne n'attend de renseignement.",
        )
        _tell_unconfirmed(lines, month)
        for credit in kept:
            sign = "⚠ Avoir bloqué" if credit["is_stuck"] else "Avoir gardé"
            amount = euros(int(credit["waiting_amount"] * 100))
            print_line(f"{sign} : {credit['payer_ref']}, {credit['service_label']}, {amount}.")
            if credit["is_stuck"]:
                names = f"{credit['payer_ref']} {credit['service_ref']}"
                print_line(f"  Aux finances de le libérer : marelle month credit {names} --free --reason « … »")


def _tell_unconfirmed(lines: Sequence[Mapping[str, Any]], month: str) -> None:
    """Say once for each place what waits for its confirmation, and by which command it confirms."""
    from cli.output import print_line
    from domain.french import plural

    waiting = Counter(
        (line["structure_label"], line["structure_ref"]) for line in lines if line["status"] == "not_confirmed"
    )
    for (label, ref), count in sorted(waiting.items()):
        print_line(
            f"… {label} : {plural(count, 'ligne attend', 'lignes attendent')} que sa coordination ou sa direction "
            f"confirme le mois : marelle month confirm {ref} {month}"
        )


def faults(
    owner: Annotated[str, typer.Option("--owner", metavar="RÔLE", help="Les défauts d'un seul rôle.")] = "",
    as_json: Json = False,
) -> None:
    """Dire ce qui manque ou se contredit dans les dossiers, à qui de corriger, et ce qui en a été dit."""
    from dataclasses import asdict

    from cli.help import WrongValue
    from cli.output import Column, print_line, print_rows
    from cli.settings import home_folder, operator, records_here
    from records.operations.fault_marks import OWNERS, STATES, fault_marks, fault_state
    from warehouse.reader import open_snapshot

    if owner and owner not in OWNERS:
        raise WrongValue(f"« {owner} » n'est pas un rôle. Choisissez parmi {', '.join(OWNERS)}.")
    reader = open_snapshot(home_folder())
    found = [each for each in reader.coherence_faults() if owner in ("", each.owner_role)]
    with records_here() as records:
        marks = fault_marks(records, operator(), [each.fault_key for each in found])
    as_of = reader.snapshot.as_of
    rows = [
        {
            **asdict(each),
            "state": fault_state(marks.get(each.fault_key), as_of),
            "said": asdict(marks[each.fault_key]) if each.fault_key in marks else None,
        }
        for each in found
    ]
    print_rows(
        rows,
        [
            Column("state", "État", lambda state: STATES[state]),
            Column("owner_role", "À qui", lambda role: OWNERS[role]),
            Column("message", "Défaut"),
            Column("fault_key", "Repère"),
            Column("said", "Dernière note", lambda said: said["note"] or "note effacée" if said else ""),
        ],
        as_json=as_json,
        empty="✓ Aucun défaut dans les chiffres.",
    )
    if rows and not as_json:
        print_line("Une fois corrigé : marelle month handled REPÈRE --note « ce qui a été fait ».")


def handled(
    fault: Annotated[str, typer.Argument(metavar="REPÈRE", help="Repère du défaut, donné par « month faults ».")],
    note: Annotated[str, typer.Option("--note", metavar="TEXTE", help="Ce qui a été fait ; reste s'il revient.")],
) -> None:
    """Marquer un défaut traité, avec une note ; le calcul suivant dira s'il est corrigé."""
    from cli.output import print_line
    from cli.settings import home_folder, operator, records_here
    from domain.errors import NotFound
    from records.operations.fault_marks import NewFaultMark, mark_fault
    from warehouse.reader import open_snapshot

    known = {each.fault_key: each for each in open_snapshot(home_folder()).coherence_faults()}
    if fault not in known:
        raise NotFound(f"Aucun défaut « {fault} » dans les chiffres : « marelle month faults » les donne.")
    about = known[fault]
    with records_here() as records:
        mark_fault(records, operator(), NewFaultMark(fault, about.owner_role, note, about.structure_ref))
    print_line("✓ Défaut marqué traité. Le prochain calcul dira s'il est corrigé.")


def issue(month: Month, as_json: Json = False) -> None:
    """Calculer les chiffres, préparer puis émettre toutes les factures d'un mois.

    Interrompu (Ctrl-C, coupure), le travail reprend où il s'est arrêté ; rien n'est émis avant la fin. Sous le
    seuil, le montant reste en mairie et se reporte sur la facture suivante.
    """
    from cli.output import print_json, print_line, progress
    from cli.settings import database_url, home_folder, operator, records_here
    from domain.french import euros, long_date, plural
    from domain.notices import notice_sentence
    from jobs.kinds import JobContext
    from jobs.month_end import issue_month

    parse_month(month)
    arguments = {"month": month, "asked_by": operator().signature}
    with records_here() as records, progress("Factures du mois") as tell:
        done = dict(issue_month(JobContext(records, home_folder(), database_url(), arguments, tell)))
    if as_json:
        print_json(done)
        return
    if done["invoices"]:
        from datetime import date

        print_line(
            f"✓ {plural(done['invoices'], 'facture émise', 'factures émises')}, du n° {done['first_number']} au n° "
            f"{done['last_number']} : {euros(done['total_cents'])}, à payer avant le "
            f"{long_date(date.fromisoformat(done['due_on']))}."
        )
    else:
        print_line("Aucune facture : tous les montants restent sous le seuil.")
    if done["held"]:
        print_line(f"{plural(done['held'], 'payeur')} sous le seuil : en mairie, reporté sur la prochaine facture.")
    print_line(notice_sentence(done["mailed"], done["mailed_for_sms"], done["untold"]))
    if done["untold"]:
        print_line(f"Qui prévenir autrement : marelle month untold {month}")


def untold(month: Month, as_json: Json = False) -> None:
    """Dire quels payeurs du mois n'ont pu être prévenus de leur facture, et à quel numéro les appeler."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.notices import UNTOLD_WORDS
    from records.operations.untold_payers import untold_payers

    with records_here() as records:
        found = untold_payers(records, operator(), parse_month(month))
    print_rows(
        [asdict(each) for each in found],
        [
            Column("number", "Facture"),
            Column("payer_name", "Payeur"),
            Column("why", "Pourquoi", lambda why: UNTOLD_WORDS[why]),
            Column("phones", "Téléphone", ", ".join),
        ],
        as_json=as_json,
        empty="✓ Aucun payeur de ce mois n'attend d'être prévenu autrement.",
    )


def credit(
    payer: Annotated[
        str, typer.Argument(metavar="PAYEUR", help="Référence du payeur, donnée par « month check ».")
    ],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Référence du service de l'avoir.")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="MOTIF", help="Pourquoi ; il reste dans l'historique.")
    ],
    strict: Annotated[
        bool, typer.Option("--strict/--free", help="Son service seul, ou tout ce que le payeur doit.")
    ] = False,
) -> None:
    """Dire si les avoirs d'un payeur sur un service ne compensent que ce service, ou tout ce qu'il doit."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.billing_settings import set_credit_rule

    with records_here() as records:
        set_credit_rule(records, operator(), (payer, service), strict, reason)
    print_line(
        "✓ Cet avoir ne compensera que son service."
        if strict
        else "✓ Cet avoir compensera tout ce que le payeur doit, dès les prochaines factures."
    )


def settings(
    decision: Annotated[str, typer.Option("--decision", metavar="TEXTE", help="Décision qui fixe ces réglages.")],
    cancel_from: Annotated[
        int, typer.Option("--cancel-from", metavar="CENTIMES", help="Une facture s'annule à partir de ce montant.")
    ],
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, aujourd'hui.")
    ] = "",
    fiscal_month: Annotated[
        int, typer.Option("--fiscal-month", metavar="MOIS", help="Premier mois de l'exercice.")
    ] = 1,
    due_months: Annotated[
        int, typer.Option("--due-months", metavar="NOMBRE", help="Échéance : tant de mois après le mois facturé.")
    ] = 2,
    due_day: Annotated[int, typer.Option("--due-day", metavar="JOUR", help="Jour de l'échéance, 1 à 28.")] = 15,
    strict: Annotated[
        bool, typer.Option("--strict-credits", help="Un avoir ne compense que les lignes de son service.")
    ] = False,
) -> None:
    """Régler la facturation : exercice, échéance, seuil d'annulation, application stricte des avoirs."""
    from cli.dates import parse_day, today_here
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import long_date
    from records.operations.billing_settings import NewBillingSetting, set_billing

    day = parse_day(first) if first else today_here()
    setting = NewBillingSetting(day, decision, cancel_from, fiscal_month, due_months, due_day, strict)
    with records_here() as records:
        set_billing(records, operator(), setting)
    print_line(f"✓ Réglages de facturation enregistrés, à partir du {long_date(day)}.")


def _when(said: dict[str, Any] | None, zone: str) -> str:
    from domain.french import short_date
    from domain.time import local_day

    return short_date(local_day(said["recorded_at"], zone)) if said else ""


def _totals_sentence(totals: Any) -> str:
    from domain.french import euros, plural

    return (
        f"Aujourd'hui : {plural(totals.invoices, 'facture')} pour {euros(int(totals.total_amount * 100))}, "
        f"{plural(totals.held, 'montant')} sous le seuil ({euros(int(totals.held_amount * 100))}), "
        f"régularisations {euros(int(totals.adjustments_amount * 100))}."
    )
