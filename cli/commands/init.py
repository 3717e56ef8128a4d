"""`marelle init`: describe a real collectivity and invite its first administrator."""

from __future__ import annotations

from typing import Annotated

import typer


def init(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Nom de la collectivité.")],
    admin: Annotated[str, typer.Option(metavar="IDENTIFIANT", help="Identifiant du premier administrateur.")],
    admin_name: Annotated[str, typer.Option(metavar="NOM", help="Nom du premier administrateur.")],
    contact: Annotated[str, typer.Option(metavar="TEXTE", help="Adresse ou téléphone montrés aux familles.")],
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Zone scolaire : A, B ou C.")],
    email: Annotated[str, typer.Option(metavar="E-MAIL", help="Adresse du premier administrateur.")] = "",
    timezone: Annotated[str, typer.Option(metavar="FUSEAU", help="Fuseau horaire.")] = "Europe/Paris",
    training: Annotated[bool, typer.Option("--training", help="Base d'entraînement : tout écran le dit.")] = False,
    with_tasks: Annotated[
        bool,
        typer.Option(
            "--tasks", help="Ajouter les tâches de l'année proposées (sauf avant un import qui a les siennes)."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Décrire une vraie collectivité dans un dossier vide, et inviter son premier administrateur.

    Aucun mot de passe n'est fourni : l'administrateur choisit le sien avec le jeton affiché, et crée les autres
    comptes.
    """
    from cli.commands.accounts import show_link
    from cli.output import print_line
    from cli.preparation import prepare
    from cli.settings import home_folder, operator, records_here
    from domain.time import local_day
    from records.operations.accounts import NewGrant, NewInvitation, invite
    from records.operations.collectivity import CollectivityFacts, set_collectivity
    from records.operations.yearly_tasks import propose_tasks

    refuse_described()
    prepare(home_folder(), wants_demo=False)
    with records_here() as records:
        set_collectivity(records, operator(), CollectivityFacts(name, timezone, zone.upper(), contact, training))
        today = local_day(records.clock(), timezone)
        chief = NewInvitation(admin, admin_name, email or None, (NewGrant("super_admin", today),))
        link = invite(records, operator(), chief)
        if with_tasks:
            propose_tasks(records, operator(), today)
    if not as_json:
        print_line(f"{name} est décrite dans {home_folder()}.")
    if not as_json and not with_tasks:
        print_line("Pour être rappelé des tâches de chaque année : marelle tasks propose")
    show_link(link, as_json=as_json)


def refuse_described() -> None:
    """Raise InvalidData when a collectivity is described here already."""
    from cli.preparation import has_no_data
    from cli.settings import home_folder
    from domain.errors import InvalidData

    if not has_no_data(home_folder()):
        raise InvalidData(
            f"Il y a déjà des données dans {home_folder()}. Rien n'a été changé. Choisissez un dossier vide avec "
            "MARELLE_HOME, ou ajoutez un compte : marelle accounts create"
        )
