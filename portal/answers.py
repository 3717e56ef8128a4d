"""What the addresses of the portal answer, for its description of itself: pages in French, and redirections.

The description is served to nobody; it is what the tests hold every answer against.
"""

from __future__ import annotations

from typing import Any

_PAGE = {"text/html": {"schema": {"type": "string", "minLength": 1}}}
_PLAIN = {"text/plain": {"schema": {"type": "string"}}}
_LOCATION = {"location": {"required": True, "schema": {"type": "string"}}}

Answers = dict[int | str, dict[str, Any]]

REFUSED: Answers = {
    413: {"description": "Formulaire trop long", "content": _PLAIN},
    "4XX": {"description": "Une page dit ce qui manque et quoi faire", "content": _PAGE},
}


def sends_on(where: str) -> Answers:
    """Return the answer that leads to another page."""
    return {303: {"description": where, "headers": _LOCATION}}


SIGNED_IN: Answers = {**REFUSED, **sends_on("Vers la page de connexion, ou celle où l'on voulait aller")}
PDF: Answers = {200: {"description": "Le PDF de la facture", "content": {"application/pdf": {}}}}
