"""`marelle doctor`: what is wrong with this installation and with this month's data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.diagnosis.finding import Finding


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False) -> None:
    """Examiner l'installation et les données du mois : ce qui va, ce qui attend quelqu'un, ce qui est en panne.

    ✓ va bien, ▲ attend quelqu'un, ✗ est en panne. Termine avec le code 1 s'il y a une panne.
    """
    from dataclasses import asdict

    from cli.diagnosis.finding import SIGNS, Level
    from cli.output import print_json, print_line

    findings = list(examine())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            print_line(f"{SIGNS[finding.level]} {finding.subject:<{width}}  {finding.detail}")
            if finding.action:
                print_line(f"  {'':<{width}}  → {finding.action}")
    if any(finding.level is Level.FAULT for finding in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Yield every finding; the data is looked at only when the database can be read."""
    from cli.diagnosis.data import check_data
    from cli.diagnosis.finding import Level
    from cli.diagnosis.installation import check_installation, check_running
    from cli.settings import database_url, home_folder, records_here

    home = home_folder()
    readable = True
    for finding in check_installation(home, database_url()):
        readable = readable and finding.level is not Level.FAULT
        yield finding
    if readable:
        yield check_running(home)
        with records_here() as records:
            yield from check_data(records, home)
