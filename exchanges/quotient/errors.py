"""Why API Particulier gave no figure, in French: what happened, what stays, what to do."""

from __future__ import annotations

from domain.allocataires import Answer, answer_words
from domain.errors import MarelleError
from domain.french import typeset


class NoAnswer(MarelleError):
    """One question had no figure; `answer` is what is kept of it. The others may be asked."""

    code = "quotient_no_answer"

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer_words(answer.outcome, answer.month), outcome=answer.outcome)
        self.answer = answer


class AllocataireUnknown(NoAnswer):
    """Neither the CAF nor the MSA knows the person: it does not prove that the family has no rights (404)."""

    code = "allocataire_unknown"


class NotPublishedYet(NoAnswer):
    """An unknown person early in the month: the CAF has not published yet, the former QF stays (404)."""

    code = "quotient_not_published_yet"


class QuestionRefused(NoAnswer):
    """The identity or the month is not accepted (400, 422)."""

    code = "quotient_question_refused"


class AccessRefused(MarelleError):
    """The token, the SIRET or the habilitation does not open this: nobody else is worth asking (401, 403)."""

    code = "quotient_access_refused"

    def __init__(self, reason: str, **fields: object) -> None:
        super().__init__(
            typeset(
                f"API Particulier refuse l'accès : {reason}. Aucun QF n'a été changé. Vérifiez le jeton, le SIRET "
                "et l'habilitation de la collectivité (délibération, données demandées)."
            ),
            **fields,
        )


class ServiceUnavailable(MarelleError):
    """The service did not answer, or not in its own shape, after every attempt."""

    code = "quotient_service_unavailable"

    def __init__(self, reason: str, **fields: object) -> None:
        super().__init__(
            typeset(
                f"API Particulier ne répond pas ({reason}). Aucun QF n'a été changé pour ce dossier. Relancez plus "
                "tard : l'actualisation reprendra où elle s'est arrêtée."
            ),
            **fields,
        )


class AccessNotConfigured(MarelleError):
    """Nothing says where API Particulier is, or who asks."""

    code = "quotient_access_not_configured"
