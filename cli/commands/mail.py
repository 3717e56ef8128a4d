"""`marelle mail`: the messages that wait, and carrying them now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

KINDS = {
    "activate": "activation",
    "reset": "mot de passe oublié",
    "request_accepted": "demande acceptée",
    "request_refused": "demande refusée",
    "place_offered": "place proposée",
    "child_placed": "placement",
    "invoice": "facture",
    "task_due": "tâche à faire",
    "recap_due": "récapitulatif à envoyer",
    "meal_order": "commande de repas",
}


def list_(as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False) -> None:
    """Lister les derniers messages : à qui, partis ou non, et pourquoi. Leur contenu n'est jamais montré."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_rows
    from cli.settings import operator, records_here
    from records.operations.messages import list_messages

    with records_here() as records:
        rows = [asdict(each) for each in list_messages(records, operator())]
    if as_json:
        print_json(rows)
        return
    states = {"waiting": "en attente", "sent": "parti", "given_up": "abandonné"}
    columns = [
        Column("address", "Destinataire"),
        Column("kind", "Sorte", lambda kind: KINDS[kind]),
        Column("state", "État", lambda state: states[state]),
        Column("attempts", "Essais"),
        Column("last_error", "Dernier refus", lambda error: error or ""),
    ]
    print_rows(rows, columns, as_json=False, empty="Aucun message.")


def print_(
    path: Annotated[Path, typer.Argument(metavar="FICHIER.pdf", help="Où écrire les lettres.")],
) -> None:
    """Mettre en PDF, une seule fois, les lettres de qui n'a pas d'e-mail, dans l'ordre d'une tournée."""
    from cli.output import print_line
    from cli.settings import operator, portal_address, records_here
    from domain.french import plural
    from exchanges.mail import town_of
    from exchanges.papers.postal import letters_pdf
    from records.operations.postal_letters import letters_to_print, tick_printed

    with records_here() as records:
        found = letters_to_print(records, operator())
        if not found.letters:
            print_line("Aucune lettre n'attend.")
            return
        path.write_bytes(letters_pdf(found, town_of(records), portal_address()))
        tick_printed(records, operator(), [each.message.message_id for each in found.letters])
    lost = sum(not each.lines for each in found.letters)
    where = f" ; {plural(lost, 'sans adresse connue', 'sans adresse connue')}" if lost else ""
    print_line(f"{plural(len(found.letters), 'lettre')} dans {path}{where}.")


def send() -> None:
    """Faire partir maintenant les messages qui attendent. L'ordonnanceur le fait aussi, chaque minute."""
    from cli.output import print_line
    from cli.settings import MAIL_VARIABLE, mail_address, operator, portal_address, records_here
    from domain.errors import InvalidData
    from domain.french import plural
    from exchanges.mail import carry, mail_server
    from records.operations.messages import waiting_messages

    with records_here() as records:
        if not waiting_messages(records, operator()):
            print_line("Aucun message n'attend.")
            return
        address = mail_address()
        if address is None:
            raise InvalidData(
                f"Aucun serveur de courrier n'est indiqué : les messages attendent. Donnez-le dans {MAIL_VARIABLE} "
                ": par exemple smtps://utilisateur:motdepasse@smtp.exemple.fr?from=enfance@exemple.fr"
            )
        carried = carry(records, operator(), mail_server(address), portal_address())
    left = f" ; {carried.failed} en attente (marelle mail list dit pourquoi)" if carried.failed else ""
    print_line(f"{plural(carried.sent, 'message parti', 'messages partis')}{left}.")
