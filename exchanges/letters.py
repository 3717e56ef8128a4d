"""What each kind of message says, in French: what happened, and what its reader has to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from domain.french import euros, long_date, medium_date, month_name, plural
from domain.kitchen import HORIZON_WORDS
from domain.time import local, local_day
from records.operations.messages import WaitingMessage


@dataclass(frozen=True, slots=True)
class Town:
    """Who writes: the collectivity's name, time zone, and where it can be reached."""

    name: str
    timezone: str
    contact: str


Letter = Callable[[WaitingMessage, Town, str], tuple[str, str]]
_OPENINGS = {
    "activate": "Votre compte est prêt. Choisissez votre mot de passe avec ce lien :",
    "reset": "Vous avez demandé à choisir un nouveau mot de passe. Suivez ce lien :",
}


def _link(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    link = f"{portal}/mot-de-passe?jeton={quote(str(message.content['token']))}"
    until = local(message.expires_at, town.timezone)
    day = long_date(local_day(message.expires_at, town.timezone))
    return "choisissez votre mot de passe", (
        f"{_OPENINGS[message.kind]}\n\n{link}\n\n"
        f"Votre identifiant : {message.content['login']}\n"
        f"Ce lien sert une fois, jusqu'au {day} à {until:%H h %M}.\n\n"
        "Si vous n'attendiez pas ce message, ne faites rien : votre mot de passe ne change pas."
    )


def _accepted(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    return "votre demande est acceptée", (
        f"Votre demande « {message.content['what']} » du {_day(message, 'asked_on')} est acceptée : votre dossier "
        f"est à jour.{_reason(message, 'Le service ajoute')}\n\nVous n'avez rien à faire."
        + (f" Pour la relire : {portal}" if _has_account(message) else "")
    )


def _refused(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    why = _reason(message, "Le service répond")
    if not _has_account(message):
        return "votre demande n'est pas acceptée", (
            f"Votre demande « {message.content['what']} » du {_day(message, 'asked_on')} n'est pas acceptée : rien "
            f"n'a changé dans votre dossier.{why}\n\n"
            f"Pour {'en connaître la raison ou ' if not why else ''}faire une autre demande : {town.contact}"
        )
    why = why or " La raison se lit sur le portail."
    return "votre demande n'est pas acceptée", (
        f"Votre demande « {message.content['what']} » du {_day(message, 'asked_on')} n'est pas acceptée : rien n'a "
        f"changé dans votre dossier.{why}\n\n"
        f"Vous pouvez faire une autre demande sur le portail, {portal}, ou nous joindre : {town.contact}"
    )


def _offered(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    told = message.content
    return f"une place pour {told['child']}", (
        f"Une place est proposée à {told['child']} : {told['service']}, {told['place']}.\n\n"
        f"Répondez au plus tard le {_day(message, 'until')}, en nous joignant : {town.contact}\n"
        "Sans réponse de votre part ce jour-là, la place est proposée à l'enfant suivant de la liste."
    )


def _placed(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    family = message.content["family"]
    return f"dossier {family} à regarder", (
        f"Un placement est enregistré dans le dossier {family} à partir du {_day(message, 'from')}.\n\n"
        "Ouvrez ce dossier : vérifiez qui vient chercher l'enfant, qui l'accueille et qui paie, et demandez à "
        "l'accueillant les papiers qui manquent."
    )


def _invoice(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    told = message.content
    month = month_name(date.fromisoformat(str(told["month"])))
    due = medium_date(date.fromisoformat(str(told["due_on"]))).partition(" ")[2]  # « 15 décembre »
    of = "d'" if month[0] in "ao" else "de "
    cents, before = int(told["cents"]), int(told.get("previous_cents", 0))
    to_pay = cents + before
    asked = f"{euros(to_pay)} avant le {due}" if to_pay > 0 else "rien à payer"
    return f"votre facture {of}{month.split()[0]}, {asked}", (
        f"Votre facture {of}{month} est prête. Elle porte le n° {told['number']}.\n\n{_instead_of_sms(told)}"
        f"Total de cette facture : {euros(cents)}\n{_before(before)}{_to_pay(to_pay, due)}\n\n"
        f"Le détail, jour par jour, se lit sur le portail : {portal}\n"
        f"Une erreur ? Signalez-la à la ligne concernée, ou joignez-nous : {town.contact}"
    )


def _instead_of_sms(told: Mapping[str, object]) -> str:
    """Return why a mail comes to who chose an SMS."""
    if not told.get("asked_sms"):
        return ""
    return "Vous aviez choisi le SMS : nous ne pouvons pas encore en envoyer, ce courriel le remplace.\n\n"


def _before(cents: int) -> str:
    """Return the previous balance in the words of the paper; nothing without one."""
    if not cents:
        return ""
    return f"Solde précédent, {'reste dû' if cents > 0 else 'en votre faveur'} : {euros(cents)}\n"


def _to_pay(cents: int, due: str) -> str:
    if cents > 0:
        return f"Total à payer avant le {due} : {euros(cents)}"
    told = f" En votre faveur : {euros(-cents)}, déduits de la prochaine facture." if cents else ""
    return f"Rien à payer maintenant.{told}"


_TASK_COMMAND = "avec « marelle tasks done »"
# Where those who do a task note that it is done, by the right that it asks for; a message of before says no right.
_TASK_PAGES = {"declare_caf": "sur la page « Déclarations CAF », sous « Échéances »"}


def _task(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    told = message.content
    how = f"{told['how']}\n\n" if told["how"] else ""
    when = "n'est pas notée faite. Elle était à faire" if told["is_late"] else "est à faire"
    subject = "en retard" if told["is_late"] else "à faire"
    places = told.get("places") or []
    waited = f"Pas encore notée faite pour : {', '.join(places)}.\n\n" if places else ""
    return f"{subject}, {told['what']}", (
        f"La tâche « {told['what']} » {when} au plus tard le {_day(message, 'due_on')}.\n\n{waited}{how}"
        f"Quand elle est faite, notez-le {_TASK_PAGES.get(str(told.get('held_right')), _TASK_COMMAND)} : "
        "ce rappel s'arrête pour tout le monde."
    )


def _recap(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    told = message.content
    when = "n'est pas envoyé. Il était attendu" if told["is_late"] else "est à envoyer"
    subject = "en retard" if told["is_late"] else "à envoyer"
    return f"{subject}, bons MSA de {told['place']}", (
        f"Le récapitulatif des bons MSA de {told['place']} {when} au plus tard le {_day(message, 'due_on')}.\n\n"
        "Rassemblez les bons, puis envoyez-le depuis la page « Prises en charge » : ce rappel s'arrête."
    )


def _meal_order(message: WaitingMessage, town: Town, portal: str) -> tuple[str, str]:
    told = message.content
    first, last = date.fromisoformat(str(told["first"])), date.fromisoformat(str(told["end"])) - timedelta(days=1)
    days = f"du {medium_date(first)} au {medium_date(last)}" if last > first else f"de {medium_date(first)}"
    portions = plural(sum(int(line["quantity"]) for line in told["lines"]), "repas", "repas")
    again = "Elle remplace celle que vous avez reçue pour ces jours.\n\n" if told["replaces"] else ""
    return f"{HORIZON_WORDS[str(told['horizon'])]} {days}, {portions}", (
        f"Voici la commande n° {told['number']} {days} : {portions}.\n\n{again}"
        "Le détail par lieu, jour et régime est joint, en CSV et en PDF (une feuille par lieu).\n"
        f"Un nombre vous paraît faux ? Joignez-nous avant de préparer : {town.contact}"
    )


def _day(message: WaitingMessage, name: str) -> str:
    return long_date(date.fromisoformat(str(message.content[name])))


def _has_account(message: WaitingMessage) -> bool:
    """Return True when the reader can open the portal; messages written before this was said are of accounts."""
    return bool(message.content.get("has_account", True))


def _reason(message: WaitingMessage, opening: str) -> str:
    reason = message.content.get("reason")
    return f" {opening} : « {reason} »" if reason else ""


LETTERS: Mapping[str, Letter] = {
    "activate": _link,
    "reset": _link,
    "request_accepted": _accepted,
    "request_refused": _refused,
    "place_offered": _offered,
    "child_placed": _placed,
    "invoice": _invoice,
    "task_due": _task,
    "recap_due": _recap,
    "meal_order": _meal_order,
}
