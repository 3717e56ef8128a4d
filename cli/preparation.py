"""What `marelle run` needs before its services start: records of this release, a town to look at, first figures."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.output import print_line, progress
from cli.settings import configured_url, database_revision, database_url, records_here
from cli.supervision.stopping import Check, go_on, heard
from domain.errors import MarelleError

LOCK_FILE = "run.lock"
# What a run leaves in a folder where nothing was ever recorded.
BY_PRODUCTS = frozenset({"logs", LOCK_FILE, "scheduler.lock", "scheduler.alive", "warehouse"})
DATABASE_FILES = frozenset({"records.db", "records.db-wal", "records.db-shm"})


class AlreadyRunning(MarelleError):
    """`marelle run` works in this folder already."""

    code = "already_running"


@contextmanager
def only_run(home: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises AlreadyRunning when another `marelle run` holds it."""
    with (home / LOCK_FILE).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Marelle tourne déjà dans {home}. Utilisez celle-ci, ou arrêtez-la d'abord (Ctrl-C)."
            ) from None
        yield


def prepare(home: Path, *, wants_demo: bool, check: Check = go_on) -> None:
    """Make sure that there are records of this release; create the demo town when there is no data at all.

    `check` is called as the work goes on, and raises when it must stop.
    """
    from records.migrations import upgrade

    if wants_demo and has_no_data(home):
        _clear(home)
        _create_demo(home, check)
        return
    home.mkdir(parents=True, exist_ok=True)
    before = database_revision()
    upgrade(database_url())
    if before is not None and before != database_revision():
        print_line("La base de données est passée à cette version de Marelle.")


def has_no_data(home: Path) -> bool:
    """Say whether nothing was ever recorded here: no file but a run's own, and no operation in the database."""
    names = {path.name for path in home.iterdir()} if home.exists() else set()
    if names - BY_PRODUCTS - DATABASE_FILES:
        return False
    if database_revision() is None:
        return True
    from records.database import open_records

    records = open_records(database_url())
    try:
        return records.change_seq() == 0
    finally:
        records.close()


def first_figures(home: Path, check: Check = go_on) -> None:
    """Compute and publish for the first time, when there is something to compute."""
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
            build(home, database_url(), progress=heard(tell, check))


def _clear(home: Path) -> None:
    """Remove a run's by-products, so that the town finds an empty folder."""
    if not home.exists():
        return
    with only_run(home):
        for path in home.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _create_demo(home: Path, check: Check) -> None:
    from cli.commands.demo import today_on_this_machine
    from demo.create import DemoSpec, create_demo

    print_line("Aucune donnée ici : création de la ville de démonstration (moins d'une minute).")
    with progress("Création de la ville de démonstration") as tell:
        create_demo(home, configured_url(), DemoSpec(today_on_this_machine()), heard(tell, check))
