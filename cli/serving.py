"""Running one service in this process: logs, a parent to follow, and an end without remains."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cli.supervision.stopping import stop_on

if TYPE_CHECKING:
    from records.database import Records

PARENT_GONE_SECONDS = 10.0
JOB_STOP_SECONDS = 2.0


@contextmanager
def serving(*, stop_with_parent: bool) -> Iterator[None]:
    """Set logs up for a service; with a parent, end when its side of our standard input closes."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    if stop_with_parent:
        threading.Thread(target=_follow_parent, name="parent-watch", daemon=True).start()
    yield


def run_streamlit(host: str, port: int, portal_url: str) -> None:
    """Run the staff pages until asked to stop."""
    import dashboards

    folder = Path(str(dashboards.__file__)).parent
    os.environ["MARELLE_HOME"] = str(Path(os.environ.get("MARELLE_HOME") or "data").absolute())
    os.environ["MARELLE_PORTAL_URL"] = portal_url
    os.chdir(folder)  # Streamlit looks for its configuration in the working folder
    from streamlit.web.cli import main as streamlit

    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": host,
        "browser.serverPort": port,
    }
    arguments = ["run", str(folder / "server.py")]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    streamlit(arguments, standalone_mode=False)


def mail_errands(records: Records) -> list[Callable[[], object]]:
    """Return what reminds of tasks, and carries what waits where a mail server was chosen. Raises InvalidData.

    Without one a reminder waits with the other messages (« marelle mail list »), and leaves if one is chosen soon.
    """
    from cli.settings import mail_address, portal_address
    from exchanges.mail import carry, mail_server
    from jobs.scheduler import SCHEDULER
    from records.operations.recap_reminders import remind_of_recaps
    from records.operations.yearly_tasks import remind_of_tasks

    reminders: list[Callable[[], object]] = [
        lambda: remind_of_tasks(records, SCHEDULER),
        lambda: remind_of_recaps(records, SCHEDULER),
    ]
    address = mail_address()
    if address is None:
        return reminders
    server = mail_server(address)
    return [*reminders, lambda: carry(records, SCHEDULER, server, portal_address())]


def run_scheduler(records: Records, home: Path, url: str) -> None:
    """Run the scheduler until SIGTERM or SIGINT. A job under way is cut and asked again: it is repeatable."""
    from jobs.figures_sheet import make_due_sheet
    from jobs.kinds import registry
    from jobs.paper_sweep import sweep_papers
    from jobs.scheduler import Scheduler

    errands: list[Callable[[], object]] = [
        partial(sweep_papers, records, home),
        partial(make_due_sheet, records, home),
        *mail_errands(records),
    ]
    scheduler = Scheduler(records, home, url, registry(), errands=errands)
    failures: list[Exception] = []

    def work() -> None:
        try:
            scheduler.run()
        except Exception as error:
            failures.append(error)

    stop_on((signal.SIGTERM, signal.SIGINT), scheduler.stop_asked)
    worker = threading.Thread(target=work, name="scheduler", daemon=True)
    worker.start()
    # Not a bare join: only a thread that wakes up now and then runs signal handlers.
    while worker.is_alive() and not scheduler.stop_asked.wait(0.2):
        pass
    worker.join(JOB_STOP_SECONDS)
    if failures:
        raise failures[0]
    if worker.is_alive():
        scheduler.abandon()
        logging.shutdown()
        os._exit(0)  # a build holds threads that nothing else can end


def _follow_parent() -> None:
    """Wait for the end of standard input, then ask ourselves to stop; insist if nothing happens."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(PARENT_GONE_SECONDS)
    os._exit(1)
