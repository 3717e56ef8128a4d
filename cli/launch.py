"""What `marelle run` does: prepare the data, start the services, watch them, stop them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.announce import announce_badges, announce_demo_name, announce_logins, announce_services
from cli.errors import say
from cli.output import print_line
from cli.ports import require_free
from cli.preparation import first_figures, only_run, prepare
from cli.services import Addresses, service_specs
from cli.settings import configured_url, home_folder
from cli.supervision.stopping import STOPS, interruptible, stop_on
from cli.supervision.supervisor import Supervisor

if TYPE_CHECKING:
    from demo.create import DemoSummary


def launch(at: Addresses, *, wants_demo: bool, only_check: bool) -> None:
    """Prepare, start, watch until Ctrl-C, stop. With `only_check`, stop as soon as everything has answered."""
    home = home_folder()
    # Before the data: nobody should wait for a town to be built and only then learn that a port is taken.
    require_free(at.host, at.ports())
    with interruptible() as check:
        prepare(home, wants_demo=wants_demo, check=check)
    with only_run(home):
        from cli.simulated_terminal import enrol_on_api, terminal_command

        with interruptible() as check:
            first_figures(home, check)
        command = terminal_command(home, at)
        specs = service_specs(home, configured_url(), at, command)
        supervisor = Supervisor(specs, home / "logs", say)
        stop_on(STOPS, supervisor.stop_asked)
        try:
            supervisor.start()
            supervisor.wait_until_healthy()
            if command is not None and not supervisor.stop_asked.is_set():
                enrol_on_api(home, at)
            if only_check:
                announce_services(specs, healthy=True)
            elif not supervisor.stop_asked.is_set():
                _announce(home, at, supervisor)
                supervisor.watch()
        finally:
            supervisor.stop()
        print_line("Tout est arrêté." if not only_check else "✓ Tout répond. Tout est arrêté.")


def _announce(home: Path, at: Addresses, supervisor: Supervisor) -> None:
    summary = _demo_summary(home)
    announce_demo_name(home, summary)
    announce_services(supervisor.specs(), healthy=False)
    if summary is not None:
        announce_logins(summary)
        announce_badges(summary, at)
    print_line("Ctrl-C arrête tout.")


def _demo_summary(home: Path) -> DemoSummary | None:
    from demo.create import read_summary

    return read_summary(home)
