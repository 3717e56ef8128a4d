"""What people are told about the demo town: its size, its log-ins, badges to try."""

from __future__ import annotations

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
    print_line("Pour tout lancer : marelle run")
    print_line("Pour calculer les chiffres seulement : marelle warehouse build")


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
            print_line(f"  {'✓ ' if healthy else ''}{spec.label:<22} {spec.address}".rstrip())


def announce_badges(summary: DemoSummary, at: Addresses) -> None:
    """Tell the commands that present a few children's badges to the simulated terminal."""
    print_line()
    print_line("Badges à présenter à la borne simulée, dans un autre terminal :")
    option = "" if at.reader == READER_PORT else f" --reader sim:udp:127.0.0.1:{at.reader}"
    for badge in summary.badges:
        print_line(f"  marelle badge {badge.uid}{option}   # {badge.name}, {badge.class_name}")
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
