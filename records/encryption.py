"""Health data and bank details at rest: AES-256-GCM under keys that live outside the database (docs/adr/0013).

Keys come from the variable MARELLE_SECRET_KEYS, else from the file `secret.keys` of MARELLE_HOME, made with mode
0600 when something is first encrypted: one key a line, the first encrypts, all of them decrypt. A stored value is
`key-id.nonce-and-ciphertext`, so a new key can be put first while old values still name the one that opens them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from domain.errors import MarelleError
from domain.french import typeset

KEYS_FILE = "secret.keys"
KEYS_VARIABLE = "MARELLE_SECRET_KEYS"  # several keys are parted by commas
_KEY_BYTES = 32
_MISSING = "La clé de chiffrement manque"
_NONCE_BYTES = 12  # random; one key may encrypt 2³² values (NIST SP 800-38D §8.3)


class KeyUnavailable(MarelleError):
    """The key that opens a stored value is missing, or is not the right one; nothing was read or written."""

    code = "encryption_key_unavailable"


class Keyring:
    """The keys of one collectivity, read at first use. Safe to share between threads.

    `is_in_use` says whether something is encrypted already: then a missing file is lost, and none is made.
    """

    def __init__(self, folder: Path, is_in_use: Callable[[], bool] = lambda: False) -> None:
        self.file = folder / KEYS_FILE
        self._is_in_use = is_in_use
        self._keys: dict[str, AESGCM] = {}  # in the order of the file

    def encrypt(self, text: str, purpose: str) -> str:
        """Return a text under the first key; `purpose` (`table.column`) must be given again to read it.

        Raises KeyUnavailable when the keys are lost.
        """
        if not self._keys:
            self._load(may_create=True)
        key_id, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = key.encrypt(nonce, text.encode(), purpose.encode())
        return f"{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, purpose: str) -> str:
        """Return the text of a stored value. Raises KeyUnavailable naming the key that is missing or wrong."""
        key_id, _, body = stored.partition(".")
        if key_id not in self._keys:
            self._load(may_create=False)
        key = self._keys.get(key_id)
        if key is None:
            raise self._unavailable(f"La clé de chiffrement « {key_id} » manque", key_id)
        try:
            sealed = base64.urlsafe_b64decode(body)
            return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise self._unavailable(
                f"La clé de chiffrement « {key_id} » n'ouvre pas cette donnée", key_id
            ) from None

    def add_key(self) -> str:
        """Put a new key first in the file, keeping the older ones; returns its id.

        Raises KeyUnavailable when the file does not count, or is lost.
        """
        if os.environ.get(KEYS_VARIABLE):
            raise KeyUnavailable(
                typeset(
                    f"Les clés viennent de la variable {KEYS_VARIABLE} : rien n'a été écrit. Mettez-y la nouvelle "
                    "clé en premier, devant les anciennes et suivie d'une virgule, puis relancez Marelle."
                ),
                key_id=None,
                file=str(self.file),
            )
        self._refuse_lost()
        known = self.file.read_text().split() if self.file.exists() else []
        key = new_key()
        self._write([key, *known])
        self._load(may_create=False)
        return key_id_of(base64.urlsafe_b64decode(key))

    def _load(self, *, may_create: bool) -> None:
        """Read the keys; without any, make the first one or raise KeyUnavailable."""
        configured = os.environ.get(KEYS_VARIABLE, "").replace(",", " ").split()
        if not configured and not self.file.exists():
            if not may_create:
                raise self._unavailable(_MISSING, None)
            self._refuse_lost()
            self._create()
        written = configured or self.file.read_text().split()
        self._keys = {key_id_of(raw): AESGCM(raw) for raw in map(self._raw, written)}
        if not self._keys:
            raise self._unavailable("Le fichier des clés de chiffrement est vide", None)

    def _refuse_lost(self) -> None:
        """Raise KeyUnavailable when there is no file and something is encrypted, which a new key cannot open."""
        if not self.file.exists() and self._is_in_use():
            raise self._unavailable(_MISSING, None)

    def _raw(self, written: str) -> bytes:
        try:
            raw = base64.urlsafe_b64decode(written)
        except (ValueError, binascii.Error):
            raw = b""
        if len(raw) != _KEY_BYTES:
            raise self._unavailable("Une clé de chiffrement est abîmée", None)
        return raw

    def _create(self) -> None:
        """Make the file with its first key, unless another process just did."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f"{KEYS_FILE}.{secrets.token_hex(4)}")
        self._write([new_key()], draft)
        try:
            os.link(draft, self.file)  # refused when the file is there: two processes keep one key
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def _write(self, keys: list[str], target: Path | None = None) -> None:
        """Write keys so that a crash leaves the old file or the new one, readable by its owner alone."""
        draft = target or self.file.with_name(f"{KEYS_FILE}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if target is None:
            os.replace(draft, self.file)

    def _unavailable(self, what: str, key_id: str | None) -> KeyUnavailable:
        return KeyUnavailable(
            typeset(
                f"{what} : rien n'a été lu ni enregistré. Remettez le fichier « {self.file.name} » de la "
                f"sauvegarde dans le dossier de la collectivité, ou la variable {KEYS_VARIABLE}, puis recommencez."
            ),
            key_id=key_id,
            file=str(self.file),
        )


class EncryptedText(TypeDecorator[str]):
    """A text column that only the program can read; it can be neither searched nor sorted in the database.

    `purpose` is `table.column`: a value moved to another column does not open.
    """

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        return None if value is None else keyring_of(dialect).encrypt(value, self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt on the way out. Raises KeyUnavailable."""
        return None if value is None else keyring_of(dialect).decrypt(value, self.purpose)


# Each engine has its own dialect object: the keys belong to the database that was opened, not to the process.
_KEYRINGS: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()


def attach_keyring(dialect: Dialect, keyring: Keyring) -> None:
    """Make a keyring that of every encrypted column read or written through this engine's dialect."""
    _KEYRINGS[dialect] = keyring


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the keyring of an opened database."""
    return _KEYRINGS[dialect]


def new_key() -> str:
    """Return a new random key, as it is written in the file or the variable."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def key_id_of(raw: bytes) -> str:
    """Return the public name of a key: the beginning of its SHA-256."""
    return hashlib.sha256(raw).hexdigest()[:8]
