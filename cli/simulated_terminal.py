"""The simulated terminal of `marelle run`: a real one, enrolled on the API, whose reader is simulated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.services import Addresses, marelle_command
from cli.settings import operator, records_here
from domain.errors import MarelleError

if TYPE_CHECKING:
    from records.database import Records

DEVICE_REF = "borne-demo"
LABEL = "Borne de démonstration"


class NotEnrolled(MarelleError):
    """The API did not take the simulated terminal."""

    code = "not_enrolled"


def terminal_home(home: Path) -> Path:
    """Return where the simulated terminal keeps its taps and its secret."""
    return home / "terminals" / DEVICE_REF


def terminal_command(home: Path, at: Addresses) -> str | None:
    """Return the command that a browser's session runs; None when this is not a training base.

    A real collectivity's taps come from its own terminals only.
    """
    with records_here() as records:
        if _school_of_training(records) is None:
            return None
    return marelle_command(
        "terminal",
        "--mode",
        "badge",
        "--reader",
        f"sim:udp:127.0.0.1:{at.reader}",
        "--api",
        at.local_url(at.api),
        "--folder",
        str(terminal_home(home)),
    )


def enrol_on_api(home: Path, at: Addresses) -> None:
    """Enrol the simulated terminal on the running API, once. Raises NotEnrolled."""
    from terminal.config import TerminalFiles
    from terminal.sync.client import NotWelcome, Rejected, ServerClient, Unreachable, new_http_client
    from terminal.sync.identity import Identity, IdentityStore

    folder = terminal_home(home)
    store = IdentityStore(TerminalFiles(folder).token)
    if store.load() is not None:
        return
    with records_here() as records:
        code = _one_time_code(records)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with new_http_client(at.local_url(at.api)) as http:
            answer = ServerClient(http).enrol(code, "simulated")
    except (NotWelcome, Rejected, Unreachable) as error:
        raise NotEnrolled(f"La borne simulée n'a pas pu s'enrôler ({error}). Relancez « marelle run ».") from error
    store.save(Identity(answer.device_ref, answer.token, answer.label, answer.structure_ref))


def _one_time_code(records: Records) -> str:
    from records.operations.devices import NewDevice, list_devices, register_device, renew_device_code

    if any(line.device_ref == DEVICE_REF for line in list_devices(records, operator())):
        return renew_device_code(records, operator(), DEVICE_REF)
    structure_ref = _school_of_training(records)
    assert structure_ref is not None, "only called for a training base with a school"
    return register_device(records, operator(), NewDevice(DEVICE_REF, LABEL, structure_ref, "badge"))


def _school_of_training(records: Records) -> str | None:
    """Return the first school of a training base; None otherwise."""
    from sqlalchemy import select

    from records.models import Collectivity, Structure

    with records.read() as session:
        if not session.scalar(select(Collectivity.is_training)):
            return None
        return session.scalar(select(Structure.ref).where(Structure.kind == "school").order_by(Structure.id))
