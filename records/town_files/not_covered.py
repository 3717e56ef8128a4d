"""Tables that no file holds, each with the French reason that docs/import.md tells."""

_CHOSEN = "secret : chacun choisit le sien après l'import"
_OWN = "appartient à cette installation"
_SEARCH = "calculée à nouveau par l'import"
_PROOF = "preuve d'une purge faite ici"
_MERGE = "journal des fusions : les fiches gardées sont dites par leurs colonnes"
_FILES = "les papiers eux-mêmes se gardent par la sauvegarde"
_BANK = "coordonnées bancaires : les mandats se reprennent avec leur signature"
_API = "réponse d'API Particulier : le QF qu'elle a donné est dans qf.csv"
_BILLING = "factures : elles restent dans le logiciel qui les a émises ; ce qui est encore dû est un solde"
_SENT = "messages déjà partis chez le fournisseur"
_REQUEST = "demande de famille : à finir dans l'ancien logiciel"

NOT_COVERED: dict[str, str] = {
    **dict.fromkeys(("account_link", "agent_code", "login_attempt", "password_history"), _CHOSEN),
    **dict.fromkeys(("recovery_code", "totp_secret"), _CHOSEN),
    **dict.fromkeys(("audit", "change_seq", "device_status", "fault_mark", "health_access", "job"), _OWN),
    **dict.fromkeys(("message_outbox", "processing_activity", "rollover", "rollover_line", "session"), _OWN),
    **dict.fromkeys(("person_word", "search_variant", "search_word"), _SEARCH),
    **dict.fromkeys(("purge_item", "purge_list", "purge_order", "purge_proof", "purge_window"), _PROOF),
    **dict.fromkeys(("merge", "merge_move"), _MERGE),
    **dict.fromkeys(("document", "document_file", "stored_file"), _FILES),
    **dict.fromkeys(("mandate", "mandate_event"), _BANK),
    **dict.fromkeys(("quotient_answer", "quotient_batch"), _API),
    **dict.fromkeys(("billing_run", "run_place", "invoice_draft", "carried_draft", "number_sequence"), _BILLING),
    **dict.fromkeys(("invoice", "cancellation", "cancellation_step", "credit_note"), _BILLING),
    **dict.fromkeys(("request", "request_decision"), _REQUEST),
    "meal_dispatch": _SENT,
}  # fmt: skip
