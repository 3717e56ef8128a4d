"""What people are told about the demo town: its size, its log-ins, badges to try."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import Column, print_line, print_table
from cli.ports import READER_PORT
from domain.french import long_date, plural

if TYPE_CHECKING:
    from cli.services import Addresses
    from cli.supervision.children import ChildSpec
    from demo.create import DemoSummary


def announce_demo(home: Path, summary: DemoSummary) -> None:
    """Tell what was created, and what to do next."""
    from datetime import date

    first, last = date.fromisoformat(summary.first_day), date.fromisoformat(summary.last_day)
    print_line(f"✓ {summary.town} est créée dans {home}. Tout y est imaginaire.")
    print_line(
        f"  {plural(summary.children, 'enfant')}, {plural(summary.families, 'famille')}, "
        f"{plural(summary.taps, 'passage')} du {long_date(first)} au {long_date(last)}."
    )
    announce_logins(summary)
    print_line(f"Pour tout lancer : {this_command()} run")
    print_line(f"Pour calculer les chiffres seulement : {this_command()} warehouse build")


def announce_demo_name(home: Path, summary: DemoSummary | None) -> None:
    """Tell whose data is shown."""
    print_line()
    name = f"{summary.town}, ville de démonstration" if summary is not None else str(home)
    print_line(f"Marelle est prête : {name}")


def announce_services(specs: Sequence[ChildSpec], *, healthy: bool) -> None:
    """Tell what runs and where to open it."""
    print_line()
    for spec in specs:
        if spec.address or healthy:
            print_line(f"  {'✓ ' if healthy else ''}{spec.label:<24} {spec.address}".rstrip())


def announce_badges(summary: DemoSummary, at: Addresses) -> None:
    """Tell the commands that present a few children's badges to the simulated terminal."""
    print_line()
    print_line("Badges à présenter à la borne simulée, sa page ouverte, dans un autre terminal :")
    option = "" if at.reader == READER_PORT else f" --reader sim:udp:127.0.0.1:{at.reader}"
    width = max(len(badge.uid) for badge in summary.badges)
    for badge in summary.badges:
        command = f"{this_command()} badge {badge.uid:<{width}}{option}"
        print_line(f"  {command}   # {badge.name}, {badge.class_name}")
    print_line()


def announce_logins(summary: DemoSummary) -> None:
    """Tell the log-ins of the demo, the agents' codes and a few badges."""
    print_line()
    print_line("Comptes de démonstration (mots de passe publics : n'y mettez rien de réel)")
    print_table(
        [{"login": each.login, "password": each.password, "what": each.what} for each in summary.logins],
        [Column("login", "Identifiant"), Column("password", "Mot de passe"), Column("what", "Pour voir")],
    )
    code = next(agent for agent in summary.agents if agent.structure_ref == summary.badges[0].structure_ref)
    print_line(f"Code d'agent sur la borne : {code.code} ({code.name})")


def this_command() -> str:
    """Return the words that call this same `marelle`: its path when the shell would not find it by name."""
    called = Path(sys.argv[0])
    if called.name != "marelle":
        return "marelle"
    found = shutil.which("marelle")
    if found is not None and Path(found).resolve() == called.resolve():
        return "marelle"
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(called.absolute())
