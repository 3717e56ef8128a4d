"""Badge numbers out of keystrokes. Pure.

A "keyboard wedge" reader types its digits 5 to 20 ms apart and ends with Enter; nobody types that fast. It
presses the keys of a US keyboard: under a French (AZERTY) layout 1 arrives as « & » and A as « q », so both
layouts are understood.
"""

from __future__ import annotations

import re

from device_drivers.link import LinkEvent, Refusal, Sighting

ENTER_KEYS = frozenset({"\r", "\n", "enter", "return"})

_KEY_GAP_NS_MAX = 100_000_000
_DIGITS_MIN, _DIGITS_MAX = 6, 20  # 24-bit decimal numbers to 10-byte hexadecimal UIDs
_NUMBER = re.compile(rf"[0-9A-F]{{{_DIGITS_MIN},{_DIGITS_MAX}}}")

_AZERTY_DIGITS = "&é\"'(-è_çà"  # the unshifted keys of 1 2 3 4 5 6 7 8 9 0
_FROM_AZERTY = str.maketrans(_AZERTY_DIGITS + "qQ", "1234567890" + "aA")

_NOT_A_NUMBER = "saisie trop rapide pour une personne, qui n'est pas un numéro de badge. Vérifiez le lecteur."


def number_of_keys(keys: str) -> str | None:
    """Return the badge number ``keys`` spell on a US or an AZERTY layout, upper case; None when they do not."""
    if any(key in _AZERTY_DIGITS for key in keys):
        keys = keys.translate(_FROM_AZERTY)
    number = keys.upper()
    return number if _NUMBER.fullmatch(number) else None


class WedgeDecoder:
    """Collects keystrokes into badge numbers; what a person types is left alone."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._pressed_ns = 0

    def press(self, key: str, now_ns: int) -> LinkEvent | None:
        """Take one key (a character, or a name such as "enter") pressed at ``now_ns`` (monotonic)."""
        if now_ns - self._pressed_ns > _KEY_GAP_NS_MAX:
            self._keys.clear()
        self._pressed_ns = now_ns
        if key.lower() in ENTER_KEYS:
            keys, self._keys = "".join(self._keys), []
            return self._judge(keys)
        if len(key) == 1 and len(self._keys) <= _DIGITS_MAX:  # one key more than a number: enough to refuse it
            self._keys.append(key)
        return None

    def _judge(self, keys: str) -> LinkEvent | None:
        if len(keys) < _DIGITS_MIN:
            return None
        number = number_of_keys(keys)
        return Refusal(_NOT_A_NUMBER) if number is None else Sighting(number)
