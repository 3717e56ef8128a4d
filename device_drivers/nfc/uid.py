"""Which NFC UIDs may identify a badge. Pure.

ISO/IEC 14443-3: a type A UID has 4, 7 or 10 bytes. A 4-byte UID that starts with 08h is drawn at random at each
activation (phones, bank cards, passports): it identifies nothing. 88h is the cascade tag, never the first byte of
a UID. A UID is no secret and can be written on a blank badge: it identifies, it does not authenticate.
"""

from __future__ import annotations

from device_drivers.link import LinkEvent, Refusal, Sighting

NFC_UID_BYTES = (4, 7, 10)
_RANDOM_FIRST_BYTE = 0x08
_CASCADE_TAG = 0x88

RANDOM_UID_REASON = (
    "ce badge change de numéro à chaque passage (téléphone, carte bancaire). "
    "Utilisez un badge remis par le service."
)


def judge_nfc_uid(uid: bytes) -> LinkEvent:
    """Return the sighting of an acceptable UID (upper-case hexadecimal), or the refusal that says why not."""
    if len(uid) not in NFC_UID_BYTES:
        reason = f"numéro de badge de longueur inattendue ({len(uid)} octets). Présentez le badge à nouveau."
        return Refusal(reason, hold_key="uid-length")
    if len(uid) == 4 and uid[0] == _RANDOM_FIRST_BYTE:
        # The number changes at each look at a held badge: one key for all of them.
        return Refusal(RANDOM_UID_REASON, hold_key="random-uid")
    if uid[0] == _CASCADE_TAG:
        return Refusal("numéro de badge incomplet. Présentez le badge à nouveau.", hold_key="cascade-tag")
    return Sighting(uid.hex().upper())
