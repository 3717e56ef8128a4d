"""`marelle caf declaration`: what is declared to the CAF, its controls, and its files once frozen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from decimal import Decimal

    from domain.caf_declarations import Control, Difference, Figure
    from records.database import Records
    from records.operations.declarations import DeclarationSeen

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Place = Annotated[str, typer.Option("--structure", metavar="REF", help="La structure.")]


def declaration(
    year: Annotated[int, typer.Argument(metavar="ANNÉE", help="L'exercice, par exemple 2026.")],
    structure: Place,
    version: Annotated[
        str,
        typer.Option(metavar="VERSION", help="forecast, updated, updated_june, updated_september ou actual."),
    ] = "actual",
    export: Annotated[
        Path | None,
        typer.Option(metavar="DOSSIER", help="Figer la déclaration, et écrire ses fichiers dans ce dossier."),
    ] = None,
    typed: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="LIGNE=VALEUR", help="Une ligne saisie d'un prévisionnel."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Montrer une déclaration CAF : ses lignes, les contrôles avant envoi, les écarts avec la dernière figée.

    Avec --export, elle est figée avec son empreinte, et écrite pour le tableur, en CSV et en PDF.
    """
    from cli.dates import today_here
    from cli.settings import home_folder, operator, records_here
    from domain.caf_declarations import FORECAST, PERIOD_OF, controls_of, prepared, version_named
    from exchanges.caf_declarations import declaration_files, write_files
    from records.operations.declarations import NewDeclaration, freeze_declaration
    from warehouse.reader import open_snapshot

    chosen = version_named(version, year, today_here())
    reader = open_snapshot(home_folder())
    figures = prepared(
        lambda of_year, period: reader.declaration_figures(structure, of_year, period), year, chosen, _typed(typed)
    )
    controls = controls_of(reader.declaration_controls(structure, year), chosen)
    with records_here() as records:
        if export is None:
            since, changes = _since(records, (structure, chosen, year), figures)
            _show(figures, controls, (since, changes), as_json=as_json)
            return
        days = () if chosen == FORECAST else reader.declared_days(structure, year, PERIOD_OF[chosen])
        new = NewDeclaration(structure, year, chosen, reader.snapshot.id, figures, controls, days)
        frozen = freeze_declaration(records, operator(), new)
        paths = write_files(declaration_files(records, operator(), frozen), export)
    _tell_export(frozen, paths, as_json=as_json)


def _since(
    records: Records, about: tuple[str, str, int], figures: tuple[Figure, ...]
) -> tuple[str, list[Difference]]:
    """Return the last declaration that was frozen of this version, and what differs from it now."""
    from cli.settings import operator
    from domain.caf_declarations import differences
    from exchanges.caf_declarations import declaration_name
    from records.operations.declarations import declarations

    structure, version, year = about
    found = [each for each in declarations(records, operator(), structure, [year]) if each.about.version == version]
    return (declaration_name(found[-1]), differences(found[-1].figures, figures)) if found else ("", [])


def _show(
    figures: tuple[Figure, ...],
    controls: tuple[Control, ...],
    changed: tuple[str, list[Difference]],
    *,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_table
    from domain.caf_sheet import control_summary, sheet_differences, sheet_lines

    since, found = changed
    if as_json:
        print_json(
            {
                "figures": [asdict(each) for each in figures],
                "controls": [asdict(each) for each in controls],
                "since": since or None,
                "differences": [{**asdict(each), "change": each.change} for each in found],
            }
        )
        return
    if not figures:
        print_line("Aucun chiffre pour cette structure et cette année. Vérifiez la référence et l'année.")
        return
    lines = [{**asdict(each), "shown": each.shown} for each in sheet_lines(figures)]
    columns = [Column("block", "Bloc"), Column("label", "Ligne"), Column("shown", "Valeur", is_right=True)]
    print_table(lines, [*columns, Column("remark", "Remarque")])
    if found:
        print_line(f"Ce qui change depuis {since} :")
        more = [Column("before", "Avant", is_right=True), Column("after", "Maintenant", is_right=True)]
        print_table([asdict(each) for each in sheet_differences(found)], [*columns[:2], *more])
    for words, count, advice in control_summary(controls):
        print_line(f"À vérifier avant l'envoi, {words.lower()} : {count}. {advice}")
    if not controls:
        print_line("Contrôles avant envoi : rien à signaler.")


def _tell_export(frozen: DeclarationSeen, paths: list[Path], *, as_json: bool) -> None:
    from dataclasses import asdict

    from cli.output import print_json, print_line
    from exchanges.caf_declarations import declaration_name

    if as_json:
        files = [str(path) for path in paths]
        print_json({**asdict(frozen.about), "sha256": frozen.sha256, "files": files})
        return
    print_line(f"Déclaration figée : {declaration_name(frozen)}, empreinte {frozen.sha256}.")
    for path in paths:
        print_line(f"Écrit : {path}")


def _typed(given: list[str] | None) -> dict[str, Decimal]:
    from decimal import Decimal, InvalidOperation

    from cli.help import WrongValue

    found = {}
    for each in given or []:
        name, _, text = each.partition("=")
        try:
            found[name.strip()] = Decimal(text.strip().replace(",", "."))
        except InvalidOperation:
            raise WrongValue(f"« {each} » : écrivez LIGNE=VALEUR, par exemple alsh_peri.hours=1200.") from None
    return found
