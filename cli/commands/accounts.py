"""`marelle accounts`: personal accounts, their roles, and who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from records.database import Records
    from records.operations.account_links import SentLink
    from records.operations.accounts import NewGrant

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Login = Annotated[str, typer.Argument(metavar="IDENTIFIANT", help="Identifiant du compte.")]
Role = Annotated[str, typer.Option(metavar="RÔLE", help="Rôle, par exemple coordinator.")]
Structure = Annotated[str, typer.Option(metavar="REF", help="Référence du lieu ; sans elle, tous.")]
First = Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, aujourd'hui.")]
Last = Annotated[
    str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris ; sans lui, sans fin.")
]
Commune = Annotated[str, typer.Option(metavar="COMMUNE", help="Pour un élu : la seule commune qu'il voit.")]
Class = Annotated[str, typer.Argument(metavar="CLASSE", help="Référence de la classe.")]


def rights(
    role: Annotated[str, typer.Option(metavar="RÔLE", help="Un seul rôle, par exemple coordinator.")] = "",
    as_json: Json = False,
) -> None:
    """Montrer qui peut faire quoi : chaque opération, et ce que chaque rôle y atteint."""
    from cli.help import WrongValue
    from cli.output import Column, print_json, print_rows
    from records.operations.rights import REACH_WORDS, ROLE_WORDS, Reach, matrix

    if role and role not in ROLE_WORDS:
        raise WrongValue(f"« {role} » n'est pas un rôle. Choisissez parmi : {', '.join(ROLE_WORDS)}.")
    roles = [role] if role else list(ROLE_WORDS)
    rows = [{"operation": name, **{each: line[each].value for each in roles}} for name, line in matrix().items()]
    if as_json:
        print_json(rows)
        return
    columns = [Column("operation", "Opération")]
    columns += [Column(each, each, lambda word: REACH_WORDS[Reach(word)]) for each in roles]
    shown = [row for row in rows if any(row[each] != Reach.NO for each in roles)]
    print_rows(shown, columns, as_json=False, empty="Aucune opération.")


def list_(as_json: Json = False) -> None:
    """Lister les comptes : leurs rôles d'aujourd'hui et à venir, ce qui leur est prêté, leur état."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_rows
    from cli.settings import operator, records_here
    from records.operations.accounts import list_accounts

    with records_here() as records:
        rows = [asdict(each) for each in list_accounts(records, operator())]
    if as_json:
        print_json(rows)
        return
    columns = [
        Column("login", "Identifiant"),
        Column("display_name", "Nom"),
        Column("state", "État"),
        Column("roles", "Rôles"),
    ]
    told = [{**row, "state": _state(row), "roles": _roles(row["grants"])} for row in rows]
    print_rows(told, columns, as_json=False, empty="Aucun compte. Créez-en un : marelle accounts create")


def create(
    login: Login,
    name: Annotated[str, typer.Option(metavar="NOM", help="Nom de la personne.")],
    role: Role,
    structure: Structure = "",
    email: Annotated[str, typer.Option(metavar="E-MAIL", help="Adresse de la personne.")] = "",
    first: First = "",
    last: Last = "",
    as_json: Json = False,
) -> None:
    """Créer le compte personnel d'un agent et donner le jeton par lequel il choisit son mot de passe."""
    from cli.settings import operator, records_here
    from records.operations.accounts import NewInvitation, invite

    with records_here() as records:
        grant = _grant(records, role, structure, first, last)
        link = invite(records, operator(), NewInvitation(login, name, email or None, (grant,)))
    show_link(link, as_json=as_json)


def grant(
    login: Login, role: Role, structure: Structure = "", first: First = "", last: Last = "", commune: Commune = ""
) -> None:
    """Donner un rôle à un compte, pour toujours ou jusqu'à un jour, partout ou dans un lieu."""
    from dataclasses import replace

    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.accounts import grant_role

    with records_here() as records:
        asked = replace(_grant(records, role, structure, first, last), commune=commune or None)
        grant_role(records, operator(), login, asked)
    print_line(f"{login} a le rôle {role}.")


def revoke(login: Login, role: Role, structure: Structure = "", first: First = "") -> None:
    """Retirer un rôle dès aujourd'hui, ou à partir d'un jour ; ce qui en était prêté finit aussi."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.roles import revoke_role

    with records_here() as records:
        revoke_role(records, operator(), login, _grant(records, role, structure, first, ""))
    print_line(f"{login} n'a plus le rôle {role} à partir du jour dit.")


def lend(
    lender: Annotated[str, typer.Argument(metavar="DE", help="Identifiant de la personne remplacée.")],
    deputy: Annotated[str, typer.Argument(metavar="À", help="Identifiant du suppléant.")],
    role: Role,
    reason: Annotated[str, typer.Option(metavar="TEXTE", help="Pourquoi, par exemple « congé ».")],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")],
    structure: Structure = "",
    first: First = "",
) -> None:
    """Prêter un rôle à un suppléant, pour une période : il le perd de lui-même à la fin."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.roles import NewLoan, lend_role

    with records_here() as records:
        asked = _grant(records, role, structure, first, last)
        assert asked.valid_to is not None
        loan = NewLoan(lender, deputy, role, asked.valid_from, asked.valid_to, reason, structure or None)
        lend_role(records, operator(), loan)
    print_line(f"{deputy} a le rôle {role} de {lender}, jusqu'au {last} compris.")


def reset(login: Login, as_json: Json = False) -> None:
    """Fermer les sessions d'un compte, annuler son mot de passe et donner le jeton pour en choisir un autre."""
    from cli.settings import operator, records_here
    from records.operations.account_links import reset_account

    with records_here() as records:
        link = reset_account(records, operator(), login)
    show_link(link, as_json=as_json)


def disable(login: Login) -> None:
    """Fermer un compte aussitôt, avec ses sessions. Ce qu'il a fait reste signé."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.accounts import disable_account

    with records_here() as records:
        disable_account(records, operator(), login)
    print_line(f"Le compte {login} est fermé. Pour le rouvrir : marelle accounts enable {login}")


def enable(login: Login) -> None:
    """Rouvrir un compte fermé, avec les rôles qu'il a encore."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.accounts import enable_account

    with records_here() as records:
        enable_account(records, operator(), login)
    print_line(f"Le compte {login} est ouvert.")


def activate(token: Annotated[str, typer.Argument(metavar="JETON", help="Jeton donné à la création.")]) -> None:
    """Choisir soi-même son mot de passe, avec un jeton. Il se tape sans s'afficher, ou vient de l'entrée."""
    from cli.output import print_line
    from cli.settings import records_here
    from records.operations.account_links import account_of_link, use_link

    with records_here() as records:
        login = account_of_link(records, token)
        use_link(records, token, _new_password(login))
    print_line(f"Mot de passe enregistré. Connectez-vous avec l'identifiant {login}.")


def teach(login: Login, school_class: Class, first: First = "", last: Last = "") -> None:
    """Confier une classe à un enseignant : il en voit les élèves et en fait l'appel."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.teachers import NewClassTeacher, assign_teacher

    with records_here() as records:
        asked = _grant(records, "teacher", "", first, last)
        teacher = NewClassTeacher(school_class, login, asked.valid_from, asked.valid_to)
        assign_teacher(records, operator(), teacher)
    print_line(f"{login} a la classe {school_class}.")


def show_link(link: SentLink, *, as_json: bool) -> None:
    """Print the token of a link, once."""
    from dataclasses import asdict

    from cli.output import print_json, print_line

    if as_json:
        print_json(asdict(link))
        return
    print_line(f"Compte {link.login} : son mot de passe se choisit une fois, pendant 14 jours, avec")
    print_line(f"  marelle accounts activate {link.token}")
    print_line("Ce jeton ne sera plus montré. Ne le donnez qu'à cette personne.")


def _grant(records: Records, role: str, structure: str, first: str, last: str) -> NewGrant:
    from datetime import timedelta

    from cli.dates import parse_day
    from cli.settings import time_zone
    from domain.time import local_day
    from records.operations.accounts import NewGrant

    start = parse_day(first) if first else local_day(records.clock(), time_zone(records))
    end = parse_day(last) + timedelta(days=1) if last else None
    return NewGrant(role, start, end, structure or None)


def _new_password(login: str) -> str:
    """Ask twice on a terminal; in a pipe, read one line."""
    import sys
    from getpass import getpass

    from cli.help import WrongValue

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass(f"Nouveau mot de passe de {login} (12 caractères au moins) : ")
    if getpass("Le même, une seconde fois : ") != password:
        raise WrongValue("Les deux mots de passe diffèrent. Rien n'a été enregistré : recommencez.")
    return password


def _state(row: dict[str, Any]) -> str:
    if row["is_disabled"]:
        return "fermé"
    if not row["is_activated"]:
        return "à activer"
    return "ouvert, deux facteurs" if row["has_second_factor"] else "ouvert"


def _roles(grants: list[dict[str, Any]]) -> str:
    from datetime import timedelta

    from domain.french import short_date

    words = []
    for each in grants:
        place = f" à {each['structure_ref']}" if each["structure_ref"] else ""
        end = f", jusqu'au {short_date(each['valid_to'] - timedelta(days=1))}" if each["valid_to"] else ""
        lent = f", prêté par {each['lender']} ({each['reason']})" if each["lender"] else ""
        words.append(f"{each['role']}{place}{end}{lent}")
    return " ; ".join(words) or "aucun"
