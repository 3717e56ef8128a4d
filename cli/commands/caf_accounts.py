"""`marelle caf accounting` and `marelle caf settings`: accounts and conventions that declarations rest on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cli.dates import parse_day

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Place = Annotated[str, typer.Option("--structure", metavar="REF", help="La structure.")]


def accounting_import(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FICHIER",
            help="CSV : structure, annee, compte, libelle, montant ; au besoin activite, periode.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Importer les charges et produits des structures : tout, ou rien si une ligne a une faute."""
    from dataclasses import asdict

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.accounting import import_accounting

    with records_here() as records:
        done = import_accounting(records, operator(), file)
    if as_json:
        print_json(asdict(done))
    else:
        for fault in done.faults:
            print_line(str(fault))
        if done.faults:
            print_line(
                f"{plural(len(done.faults), 'faute', 'fautes')}. Rien n'a été enregistré. Corrigez le fichier."
            )
        else:
            print_line(
                f"{plural(done.added, 'ligne ajoutée', 'lignes ajoutées')}, {done.replaced} corrigées, "
                f"{done.unchanged} déjà là. Relancez « marelle warehouse build » pour les compter."
            )
    if done.faults:
        raise typer.Exit(1)


def accounting_list(
    year: Annotated[int, typer.Argument(metavar="ANNÉE", help="L'année des comptes.")],
    structure: Place,
    as_json: Json = False,
) -> None:
    """Lister les charges et produits saisis ou importés d'une structure."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.french import euros
    from records.operations.accounting import ACTIVITY_WORDS, PERIOD_WORDS, accounting_lines

    with records_here() as records:
        found = accounting_lines(records, operator(), structure, year)
    columns = [
        Column("account", "Compte"),
        Column("label", "Libellé"),
        Column("nature", "Nature"),
        Column("activity", "Activité", lambda code: ACTIVITY_WORDS.get(code, "partagé")),
        Column("period", "Période", lambda code: PERIOD_WORDS[code]),
        Column("amount_cents", "Montant", euros, is_right=True),
        Column("origin", "Origine", lambda code: {"entered": "saisi", "imported": "importé"}[code]),
        Column("id", "N°", is_right=True),
    ]
    print_rows([asdict(each) for each in found], columns, as_json=as_json, empty="Aucun compte pour cette année.")


_LABELS = {
    "valid_from": "À partir du",
    "decision": "Convention ou courrier",
    "authorised_places": "Places autorisées",
    "funding": "Financement, si ce n'est celui des services",
    "authorised_under_6": "Dont moins de 6 ans",
    "authorised_from_6": "Dont 6 ans et plus",
    "meals_provided": "Le lieu fournit les repas",
    "diapers_provided": "Le lieu fournit les couches",
    "has_pedt": "Le lieu est dans un PEDT",
    "has_plan_mercredi": "Le lieu est dans un Plan mercredi",
    "reference_wednesday_minutes": "Minutes du mercredi de référence",
    "oversize_rounding": "Arrondi des 115 % (floor, nearest, ceiling)",
    "general_regime_e4": "Part du régime général (%)",
    "walking_from_months": "Crèche, marchent à partir de (mois)",
    "caf_office_code": "Code de la CAF",
    "caf_file_number": "Numéro de dossier",
    "idequ": "Identifiant de l'équipement (IDEQU)",
}

_OPTIONS = {"valid_from": "--from", "decision": "--decision", "authorised_places": "--places"}


def settings(
    structure: Place,
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour d'une version.")] = "",
    decision: Annotated[str, typer.Option(metavar="TEXTE", help="La convention ou le courrier.")] = "",
    places: Annotated[int | None, typer.Option(metavar="NOMBRE", help="Places autorisées.")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NOM=VALEUR", help="Un autre réglage, nommé comme dans la liste."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Lister la convention CAF d'une structure, ou en saisir une version avec --from, --decision et --places.

    Ce que la version précédente disait reste, sauf ce que --set change (« --set has_pedt=oui »).
    """
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_table
    from cli.settings import operator, records_here
    from domain.french import long_date
    from records.operations.caf_settings import caf_settings, changed_setting, set_caf

    with records_here() as records:
        known = caf_settings(records, operator(), structure)
        if first:
            day = parse_day(first)
            new = changed_setting(known, (structure, day, decision, places), _pairs(given))
            set_caf(records, operator(), new)
            print_line(f"La convention de {structure} vaut à partir du {long_date(day)}.")
            return
    if as_json:
        print_json([asdict(each) for each in known])
    elif not known:
        print_line("Aucune convention saisie pour cette structure.")
    else:
        versions = [asdict(each) for each in known]
        columns = [Column("label", "Réglage"), Column("option", "Option")]
        columns += [Column(str(place), f"Version {place + 1}") for place in range(len(versions))]
        rows = [
            {"label": label, "option": _OPTIONS.get(name, f"--set {name}=…")}
            | {str(place): _said(name, version[name]) for place, version in enumerate(versions)}
            for name, label in _LABELS.items()
        ]
        print_table(rows, columns)


def _said(name: str, value: object) -> str:
    """Return what a version says of a setting, as people read it."""
    from domain.french import number, short_date

    if name == "general_regime_e4" and isinstance(value, int):
        return number(Decimal(value).scaleb(-2), 2)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return short_date(value)
    return "–" if value is None else str(value)


def _pairs(given: list[str] | None) -> dict[str, str]:
    return {name.strip(): text.strip() for name, _, text in (each.partition("=") for each in given or [])}


def consents_import(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="CSV : dossier, date, accord (oui ou non).")],
    as_json: Json = False,
) -> None:
    """Importer les réponses des familles pour le fichier Filoué : tout, ou rien si une ligne a une faute."""
    from dataclasses import asdict

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.filoue_consents import import_filoue_consents

    with records_here() as records:
        done = import_filoue_consents(records, operator(), file)
    if as_json:
        print_json(asdict(done))
    else:
        for fault in done.faults:
            print_line(str(fault))
        print_line(
            f"{plural(len(done.faults), 'faute', 'fautes')}. Rien n'a été enregistré. Corrigez le fichier."
            if done.faults
            else f"{plural(done.added, 'réponse enregistrée', 'réponses enregistrées')}, {done.unchanged} déjà là."
        )
    if done.faults:
        raise typer.Exit(1)
