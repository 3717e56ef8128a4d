"""`marelle meals order`, `backtest`, `menus` and `settings`: what the kitchen orders, and how right it was."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.dates import parse_day

if TYPE_CHECKING:
    from dashboards.viewmodels.proposals import Proposal
    from records.database import Records
    from warehouse.reader import MealDelay

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
OneStructure = Annotated[str, typer.Option(metavar="REF", help="Une seule structure.")]


class Horizon(StrEnum):
    """When an order is made."""

    SUPPLIER = "supplier"
    FIRM = "firm"
    DAY_BEFORE = "day_before"
    MORNING = "morning"


def order(
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, demain.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=62, metavar="NOMBRE", help="Nombre de jours.")] = 7,
    structure: OneStructure = "",
    horizon: Annotated[
        Horizon, typer.Option(help="supplier : fournisseur ; firm : ferme ; day_before : veille ; morning : matin.")
    ] = Horizon.FIRM,
    record: Annotated[
        bool, typer.Option("--record", help="Enregistrer ce qui est proposé et pas encore commandé.")
    ] = False,
    send: Annotated[bool, typer.Option("--send", help="Envoyer au fournisseur ce qui est commandé.")] = False,
    as_json: Json = False,
) -> None:
    """Montrer ce qui est à commander et ce qui l'est ; l'enregistrer avec --record, l'envoyer avec --send.

    Une quantité changée à la main reste comme elle est. L'envoi part par courriel, avec un CSV et un PDF, à
    l'adresse des réglages de la cuisine ; une commande inchangée n'est pas renvoyée.
    """
    from cli.dates import today_here
    from cli.settings import records_here

    first_day = parse_day(first) if first else today_here() + timedelta(days=1)
    end = first_day + timedelta(days=days)
    with records_here() as records:
        found = _proposals(records, (first_day, end), structure)
        if record:
            _record(records, found, horizon)
            found = _proposals(records, (first_day, end), structure)
        _show(found, (first_day, end), as_json)
        if send:
            _send(records, horizon, (first_day, end))


def backtest(
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, un an avant.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour ; sans lui, hier.")] = "",
    structure: OneStructure = "",
    delays: Annotated[
        bool, typer.Option("--delays", help="Comparer les délais : 1 jour, 1, 3 et 6 semaines avant.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Rejouer le passé : de combien l'estimation, la règle simple et vos commandes se sont trompées.

    Chaque semaine passée est estimée comme on l'aurait fait trois semaines avant, sans rien savoir de la suite. La
    règle simple est la part venue les derniers mêmes jours de semaine. Grèves et rentrée sont à part.
    """
    from dataclasses import asdict

    from cli.dates import today_here
    from cli.errors import say
    from cli.output import Column, print_rows
    from cli.settings import home_folder
    from dashboards.viewmodels.kitchen import choice_sentence
    from warehouse.reader import open_snapshot

    last_day = parse_day(last) if last else today_here() - timedelta(days=1)
    first_day = parse_day(first) if first else last_day - timedelta(days=365)
    reader = open_snapshot(home_folder())
    if delays:
        _show_delays(reader.meal_delays([structure] if structure else None), as_json)
        return
    found = reader.meal_accuracy(first_day, last_day, [structure] if structure else None)
    columns = [
        Column("way", "Ce qui annonce", lambda way: WAY_WORDS[way]),
        Column("days", "Lieux et jours", is_right=True),
        Column("meals", "Repas servis", is_right=True),
        Column("error", "Écart (% des repas)", is_right=True),
        Column("bias", "Biais (%)", is_right=True),
        Column("within_80", "Dans 80 %", _share, is_right=True),
        Column("within_95", "Dans 95 %", _share, is_right=True),
    ]
    if as_json:
        columns = [Column(column.key, "") for column in columns]
    rows = [asdict(each) for each in found]
    print_rows(
        rows, columns, as_json=as_json, empty="Aucun jour passé à rejouer : il faut quelques semaines servies."
    )
    choice = reader.meal_choice()
    if choice is not None:
        say(choice_sentence(choice).replace("*", ""))


def _show_delays(found: list[MealDelay], as_json: bool) -> None:
    """Show what each delay between order and meal would have missed."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from dashboards.viewmodels.kitchen import delay_words

    columns = [
        Column("delay_days", "Commandé", delay_words),
        Column("days", "Lieux et jours", is_right=True),
        Column("error", "Écart (% des repas)", is_right=True),
        Column("bias", "Biais (%)", is_right=True),
        Column("simple_error", "Règle simple (%)", is_right=True),
    ]
    if as_json:
        columns = [Column(column.key, "") for column in columns]
    empty = "Aucun jour n'a encore été rejoué avec tous les délais : il faut dix semaines servies."
    print_rows([asdict(each) for each in found], columns, as_json=as_json, empty=empty)


WAY_WORDS = {
    "forecast": "estimation",
    "simple_rule": "règle simple",
    "forecast_where_ordered": "estimation, jours commandés",
    "ordered": "commandes des agents",
}


def menus(
    path: Annotated[Path, typer.Argument(metavar="FICHIER.csv", help="Colonnes : jour;menu;plat;structure.")],
) -> None:
    """Enregistrer les menus d'un CSV : jour (AAAA-MM-JJ), menu, plat, et la structure si elle a le sien.

    Le plat est viande, volaille, poisson, végétarien ou autre : l'estimation apprend ce qu'il change, et le menu
    végétarien de la semaine (loi EGalim) en vient.
    """
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.menus import set_menus

    found = _menus(path)
    with records_here() as records:
        changed = set_menus(records, operator(), found)
    print_line(f"{plural(changed, 'menu enregistré', 'menus enregistrés')} sur {len(found)}.")


def settings(
    supplier: Annotated[str, typer.Option(metavar="NOM", help="Qui livre ou prépare les repas.")],
    decision: Annotated[str, typer.Option(metavar="TEXTE", help="Qui l'a décidé, par exemple « Marché 2026-4 ».")],
    start: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    missing: Annotated[
        str, typer.Option("--lack-cost", metavar="EUROS", help="Ce que coûte un repas qui manque, « 9,00 ».")
    ],
    wasted: Annotated[
        str, typer.Option("--waste-cost", metavar="EUROS", help="Ce que coûte un repas perdu, « 3,00 ».")
    ],
    structure: OneStructure = "",
    mail: Annotated[str, typer.Option(metavar="ADRESSE", help="Où part la commande.")] = "",
    pack: Annotated[int, typer.Option(metavar="NOMBRE", help="Portions par colis.")] = 1,
    minimum: Annotated[int, typer.Option(metavar="NOMBRE", help="Portions au moins, par régime.")] = 0,
    supplier_days: Annotated[int, typer.Option(metavar="JOURS", help="Commande au fournisseur, jours avant.")] = 28,
    firm_days: Annotated[int, typer.Option(metavar="JOURS", help="Commande ferme, jours avant.")] = 7,
) -> None:
    """Dire comment la cuisine commande à partir d'un jour : fournisseur, colis, délais, coûts d'une erreur.

    De ces deux coûts vient la quantité : si un repas manquant coûte trois fois un repas perdu, on commande de quoi
    suffire trois jours sur quatre.
    """
    from cli.output import print_line
    from cli.settings import operator, records_here
    from dashboards.viewmodels.typed import typed_cents
    from records.operations.kitchen_settings import NewKitchenSetting, set_kitchen

    new = NewKitchenSetting(
        parse_day(start),
        decision,
        supplier,
        typed_cents(missing) or 0,
        typed_cents(wasted) or 0,
        structure_ref=structure or None,
        mail=mail or None,
        pack=pack,
        minimum=minimum,
        supplier_days=supplier_days,
        firm_days=firm_days,
    )
    with records_here() as records:
        set_kitchen(records, operator(), new)
    print_line("Réglages de la cuisine enregistrés. Les quantités suivront au prochain calcul.")


def _proposals(records: Records, days: tuple[date, date], structure: str) -> list[Proposal]:
    from cli.settings import home_folder, operator
    from dashboards.viewmodels.proposals import proposals
    from records.operations.meal_orders import meal_orders
    from warehouse.reader import open_snapshot

    places = [structure] if structure else None
    rows = open_snapshot(home_folder()).meal_forecast(days[0], days[1] - timedelta(days=1), places)
    return proposals(rows, meal_orders(records, operator(), *days))


def _record(records: Records, found: list[Proposal], horizon: Horizon) -> None:
    from cli.errors import say
    from cli.settings import operator
    from dashboards.viewmodels.proposals import to_record
    from domain.french import plural
    from records.operations.meal_orders import place_orders

    written = place_orders(records, operator(), horizon.value, to_record(found, horizon.value))
    say(f"{plural(written, 'quantité enregistrée', 'quantités enregistrées')}.")


def _send(records: Records, horizon: Horizon, days: tuple[date, date]) -> None:
    from cli.errors import say
    from cli.settings import operator
    from records.operations.meal_dispatch import send_orders

    sent = send_orders(records, operator(), horizon.value, *days)
    for each in sent:
        say(f"Commande de {each.portions} repas pour {each.supplier}, à {each.mail} : elle part avec le courrier.")
    if not sent:
        say("Rien n'a changé depuis le dernier envoi : rien n'est renvoyé.")


def _show(found: list[Proposal], days: tuple[date, date], as_json: bool) -> None:
    from cli.output import Column, print_rows
    from domain.french import medium_date
    from domain.kitchen import HORIZON_WORDS

    columns = [
        Column("day", "Jour", medium_date),
        Column("structure_label", "Lieu"),
        Column("service_label", "Service"),
        Column("diet_label", "Régime"),
        Column("planned", "Prévus", is_right=True),
        Column("forecast", "Estimés", is_right=True),
        Column("quantity", "Proposés", _or_nothing, is_right=True),
        Column("ordered", "Commandés", _or_nothing, is_right=True),
        Column("horizon", "Échéance", lambda code: HORIZON_WORDS[code]),
        Column("quantity_reason", "Pourquoi"),
    ]
    keys = [column.key for column in columns]
    if as_json:
        keys += ["structure_ref", "service_ref", "diet_code", "needed", "lo80", "hi80"]
        columns = [Column(key, "") for key in keys]
    rows: list[dict[str, Any]] = [
        {**{key: getattr(each.row, key) for key in keys if key != "ordered"}, "ordered": each.ordered}
        for each in found
    ]
    print_rows(
        rows,
        columns,
        as_json=as_json,
        empty=f"Aucun repas à partir du {medium_date(days[0])}. Les inscriptions à la cantine font les prévisions.",
    )


def _or_nothing(value: int | None) -> str:
    return "" if value is None else str(value)


def _share(value: Any) -> str:
    from cli.output import as_text

    return "" if value is None else as_text(value)


def _menus(path: Path) -> list[Any]:
    import csv

    from domain.errors import InvalidData
    from domain.kitchen import DISH_WORDS
    from records.operations.menus import NewMenu

    if not path.is_file():
        raise InvalidData(f"Le fichier {path} n'existe pas. Vérifiez son nom, puis relancez la commande.")
    dishes = {words: code for code, words in DISH_WORDS.items()}
    found = []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter=";"), 2):
            dish = dishes.get((row.get("plat") or "").strip().casefold())
            if dish is None:
                raise InvalidData(f"Ligne {number} : plat inconnu. Écrivez {', '.join(dishes)}.")
            try:
                day = date.fromisoformat((row.get("jour") or "").strip())
            except ValueError:
                raise InvalidData(f"Ligne {number} : écrivez le jour comme 2026-11-30.") from None
            found.append(NewMenu(day, row.get("menu") or "", dish, (row.get("structure") or "").strip() or None))
    return found
