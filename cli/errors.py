"""From exceptions to one clear French line on stderr, and an exit code (house.md, « The command line »).

1: an expected failure, told with what to do. 2: the command was called wrongly. 130: interrupted. A failure that
nobody foresaw goes to a log file with its traceback, and the person is told where.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from cli.help import FrenchGroup, UsageError, help_command, usage_message
from cli.settings import home_folder
from domain.errors import MarelleError
from domain.french import typeset

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
LOG_BYTES_MAX = 1_000_000


class MarelleGroup(FrenchGroup):
    """The root of the commands: runs one, and turns what goes wrong into a line and a code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and leave with its code; never shows a traceback."""
        kwargs |= {"standalone_mode": False, "prog_name": "marelle"}
        try:
            code = super().main(*args, **kwargs)
        except BrokenPipeError:
            # Whoever read us (head, less) has left: that is their right.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)
        except Exception as error:
            sys.exit(report(error))
        if code == INTERRUPTED:
            say("Interrompu.")
        sys.exit(code if isinstance(code, int) else 0)


def report(error: Exception) -> int:
    """Say what happened on stderr; return the exit code."""
    if isinstance(error, UsageError):
        say(f"{usage_message(error)} Aide : {help_command(error)}")
        return WRONG_USAGE
    if isinstance(error, typer.Abort):
        say("Interrompu.")
        return INTERRUPTED
    if _is_expected(error):
        say(str(error))
        return FAILED
    say(
        f"Erreur inattendue ({type(error).__name__}). Rien d'autre n'a été fait. "
        f"Le détail est dans {_log(error)} : joignez-le à votre demande d'aide."
    )
    return FAILED


def say(text: str) -> None:
    """Write a message for a person on stderr."""
    print(typeset(text), file=sys.stderr)


def _is_expected(error: Exception) -> bool:
    if isinstance(error, MarelleError):
        return True
    # Drivers know no other room: their errors have a root of their own, in French too.
    drivers = sys.modules.get("device_drivers.errors")
    return drivers is not None and isinstance(error, drivers.DeviceDriverError)


def _log(error: Exception) -> Path:
    """Write the traceback beside the data, else in the temporary folder; return the file."""
    text = "".join(traceback.format_exception(error))
    stamp = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z} {' '.join(sys.argv)}\n"
    home = home_folder()
    for folder in (home / "logs", Path(tempfile.gettempdir())):
        if folder.parent.is_dir():
            try:
                folder.mkdir(exist_ok=True)
                path = folder / "marelle.log"
                mode = "a" if not path.exists() or path.stat().st_size < LOG_BYTES_MAX else "w"
                with path.open(mode, encoding="utf-8") as handle:
                    handle.write(f"{stamp}{text}\n")
            except OSError:
                continue
            return path
    return Path(os.devnull)
