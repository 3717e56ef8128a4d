"""How a payer is told of an invoice: what they chose, and what can be done of it today.

Marelle sends no SMS: a mail leaves in its place, and says so. Who can be told nothing is named, never forgotten.
"""

from __future__ import annotations

from domain.french import number, plural

CHANNELS = ("sms", "email", "none")
MAILED = "mailed"
MAILED_FOR_SMS = "mailed_for_sms"  # they chose an SMS, and have an e-mail
SMS_UNSENT = "sms_unsent"  # they chose an SMS, and have no e-mail: nothing leaves
NO_EMAIL = "no_email"  # they chose a mail, and have no e-mail
UNWANTED = "unwanted"  # they want no notice
BY_MAIL = (MAILED, MAILED_FOR_SMS)
UNTOLD = (SMS_UNSENT, NO_EMAIL)
UNTOLD_WORDS = {
    SMS_UNSENT: "a choisi le SMS, sans e-mail connu : Marelle n'envoie pas encore de SMS",
    NO_EMAIL: "pas d'e-mail connu",
}


def notice_of(channel: str, email: str | None) -> str:
    """Return what becomes of the notice of a payer who chose a channel (CHANNELS)."""
    if channel == "none":
        return UNWANTED
    if channel == "sms":
        return MAILED_FOR_SMS if email else SMS_UNSENT
    return MAILED if email else NO_EMAIL


def notice_sentence(mailed: int, for_sms: int, untold: int) -> str:
    """Return how the payers of a month are told: what leaves, what replaces an SMS, and who is told nothing."""
    told = f"Avis par courriel : {plural(mailed, 'payeur')}"
    if for_sms:
        told += f", dont {number(for_sms)} qui avaient choisi le SMS (Marelle n'en envoie pas encore)"
    return f"{told}. Sans avis, faute d'e-mail : {plural(untold, 'payeur')}." if untold else f"{told}."
