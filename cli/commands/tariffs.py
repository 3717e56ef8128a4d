"""`marelle tariffs`: what leaves a service without a price."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import parse_day


def check(
    day: Annotated[str, typer.Option("--on", metavar="AAAA-MM-JJ", help="Jour ; sans lui, aujourd'hui.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Vérifier que chaque service a un prix pour tous les QF : ni trou, ni chevauchement.

    Termine avec le code 1 quand il manque un prix.
    """
    from dataclasses import asdict

    from cli.dates import today_here
    from cli.output import Column, print_rows
    from cli.settings import records_here
    from domain.french import long_date
    from records.operations.tariffs import tariff_faults

    on = parse_day(day) if day else today_here()
    with records_here() as records, records.read() as session:
        faults = [asdict(fault) for fault in tariff_faults(session, on)]
    columns = [Column("service_label", "Service"), Column("message", "Ce qui manque")]
    if as_json:
        columns.insert(0, Column("service_ref", ""))
    print_rows(faults, columns, as_json=as_json, empty=f"✓ Tous les services ont un prix le {long_date(on)}.")
    if faults:
        raise typer.Exit(1)
