"""What `marelle run` does: prepare the data, start the services, watch them, stop them."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.announce import announce_badges, announce_demo_name, announce_logins, announce_services
from cli.errors import say
from cli.output import print_line, progress
from cli.ports import require_free
from cli.services import Addresses, service_specs
from cli.settings import configured_url, database_url, home_folder, records_here
from cli.supervision.supervisor import Supervisor
from domain.errors import MarelleError

if TYPE_CHECKING:
    from demo.create import DemoSummary

LOCK_FILE = "run.lock"


class AlreadyRunning(MarelleError):
    """`marelle run` works in this folder already."""

    code = "already_running"


def launch(at: Addresses, *, wants_demo: bool, only_check: bool) -> None:
    """Prepare, start, watch until Ctrl-C, stop. With `only_check`, stop as soon as everything has answered."""
    home = home_folder()
    # Before the data: nobody should wait for a town to be built and only then learn that a port is taken.
    require_free(at.host, at.ports())
    with _interruptible():
        _prepare(home, wants_demo=wants_demo)
    with _only_run(home):
        from cli.simulated_terminal import enrol_on_api, terminal_command

        with _interruptible():
            _first_figures(home)
        command = terminal_command(home, at)
        specs = service_specs(home, configured_url(), at, command)
        supervisor = Supervisor(specs, home / "logs", say)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stop_asked.set())
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


def _prepare(home: Path, *, wants_demo: bool) -> None:
    """Make sure that there are records of this release; create the demo town when there is nothing."""
    from records.migrations import current, upgrade

    if _is_blank(home) and wants_demo:
        from cli.commands.demo import today_on_this_machine
        from demo.create import DemoSpec, create_demo

        print_line("Aucune donnée ici : création de la ville de démonstration (moins d'une minute).")
        with progress("Création de la ville de démonstration") as tell:
            create_demo(home, configured_url(), DemoSpec(today_on_this_machine()), tell)
        return
    home.mkdir(parents=True, exist_ok=True)
    before = current(database_url()) if not _is_blank(home) else None
    upgrade(database_url())
    if before is not None and before != current(database_url()):
        print_line("La base de données est passée à cette version de Marelle.")


def _is_blank(home: Path) -> bool:
    """Say whether there is nothing yet: no file of ours, or a database without tables."""
    if configured_url() is None:
        return not home.exists() or not any(home.iterdir())
    from records.migrations import current

    return current(database_url()) is None


def _first_figures(home: Path) -> None:
    from jobs.warehouse_build import has_collectivity
    from warehouse.build import build
    from warehouse.snapshot import published_folder

    with records_here() as records:
        if not has_collectivity(records):
            print_line("Aucune collectivité n'est encore décrite ici : les chiffres viendront avec elle.")
            return
    if not (published_folder(home) / "pointer.json").exists():
        print_line("Premier calcul des chiffres.")
        with progress("Premier calcul") as tell:
            build(home, database_url(), progress=tell)


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


@contextmanager
def _interruptible() -> Iterator[None]:
    def stop(number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _only_run(home: Path) -> Iterator[None]:
    with (home / LOCK_FILE).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Marelle tourne déjà dans {home}. Utilisez celle-ci, ou arrêtez-la d'abord (Ctrl-C)."
            ) from None
        yield
