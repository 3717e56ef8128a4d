"""Write docs/registre.md from the kinds of data: `python scripts/write_register_page.py`.

A test holds the page equal to what this writes: what is said to people and what is proposed cannot differ.
"""

from __future__ import annotations

from pathlib import Path

from domain.data_kinds import DataKind, data_kinds, duration_words
from domain.french import typeset

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "registre.md"
_OPENING = """# Registre des traitements

Ce que Marelle conserve sur les personnes, sorte par sorte : pourquoi, sur quelle base, pour qui, combien de
temps. C'est un point de départ pour le registre de la collectivité (RGPD, article 30), à valider par son
délégué à la protection des données et ses archives. Les durées ci-dessous sont des propositions : rien n'est
échu tant que la collectivité n'a pas fixé les siennes (`marelle rgpd keep`), et `marelle rgpd durations` montre
celles qui sont en vigueur.

Ne sont jamais demandés : la nationalité, la nature d'un handicap, une religion. La santé et les IBAN sont
chiffrés ; chaque lecture de la santé est notée et se consulte (`marelle rgpd readings`). Chaque famille peut
recevoir tout ce qui est conservé sur elle (`marelle rgpd export`).

Une purge laisse les montants, les heures, les quotients et les repas, sans nom. Elle garde la date de naissance
des enfants accueillis tant que leurs heures peuvent être contrôlées : l'âge décide de ce que la CAF verse. Elle
ne touche ni aux sauvegardes déjà faites, ni aux fichiers déjà remis.

Cette page est écrite par `python scripts/write_register_page.py`, depuis `domain/data_kinds.toml`.
"""


def page() -> str:
    """Return the page: a section a kind."""
    return typeset("\n".join([_OPENING, *(_section(kind) for kind in data_kinds().values())]))


def _section(kind: DataKind) -> str:
    rows = (
        ("Sorte", f"`{kind.code}`"),
        ("Données", kind.data),
        ("Finalité", kind.purpose),
        ("Base", kind.basis),
        ("Destinataires", kind.recipients),
        ("Durée proposée", duration_words(kind, kind.months)),
        ("D'après", kind.reference),
    )
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"## {kind.label}\n\n| | |\n|---|---|\n{table}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print("docs/registre.md est écrite.")
