"""Operating system errors of a device file, as reader states that tell staff what to do."""

from __future__ import annotations

import errno
import os

from device_drivers.link import LinkDownError
from device_drivers.reader import ReaderStatus

_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_BUSY = frozenset({errno.EBUSY, errno.EAGAIN})


def unplugged(device: str) -> LinkDownError:
    """The device file or the USB device is not there."""
    return LinkDownError(
        ReaderStatus.UNPLUGGED,
        f"Aucun lecteur sur {device}. Vérifiez son câble\u00a0: il repartira seul dès qu'il sera branché.",
    )


def lost(device: str) -> LinkDownError:
    """The device stopped answering while it was in use."""
    return LinkDownError(
        ReaderStatus.UNPLUGGED,
        f"Le lecteur sur {device} ne répond plus. Vérifiez son câble\u00a0: il repartira seul. "
        "Les passages déjà notés sont gardés.",
    )


def silent(device: str, kind: str) -> LinkDownError:
    """The device file opens, but what is behind it does not answer as expected."""
    return LinkDownError(
        ReaderStatus.FAILED,
        f"Un appareil est branché sur {device}, mais il ne répond pas comme un lecteur {kind}. "
        "Vérifiez le câblage et l'adresse du lecteur dans les réglages de la borne.",
    )


def down_from_os_error(error: OSError, device: str) -> LinkDownError:
    """Say what an error met while opening ``device`` means for staff."""
    if error.errno in _GONE:
        return unplugged(device)
    if error.errno in _FORBIDDEN:
        return LinkDownError(
            ReaderStatus.FAILED,
            f"La borne n'a pas le droit d'utiliser {device}. "
            "Donnez ce droit au compte de la borne (groupe dialout ou règle udev), puis redémarrez-la.",
        )
    if error.errno in _BUSY:
        return LinkDownError(
            ReaderStatus.FAILED,
            f"Un autre programme utilise déjà {device}. Fermez-le\u00a0: le lecteur repartira seul.",
        )
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return LinkDownError(
        ReaderStatus.FAILED,
        f"Le lecteur sur {device} ne s'ouvre pas ({reason}). Débranchez-le puis rebranchez-le.",
    )
