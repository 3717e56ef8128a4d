"""Write docs/droits.md from the rights that operations declare: `python scripts/write_rights_page.py`.

A test holds the page equal to what this writes, so a right cannot change without its page.
"""

from __future__ import annotations

from pathlib import Path

from domain.french import typeset
from records.actors import RIGHTS_OF_ROLE, Right
from records.operations.registry import all_operations
from records.operations.rights import REACH_WORDS, RIGHT_WORDS, ROLE_WORDS, Reach, matrix

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "droits.md"
_OPENING = """# Qui peut faire quoi

Chaque opération vérifie sur le serveur le droit de la personne qui la demande. Un droit vient d'un rôle, donné à
un compte personnel pour une période, dans toute la collectivité ou dans un lieu.
La commande `marelle accounts rights` affiche ces mêmes droits.

| mot | ce que le rôle atteint |
|---|---|
| ville | toute la collectivité, si le rôle y est donné en entier |
| tout | tous les dossiers, où que le rôle soit donné : un dossier n'appartient à aucun lieu |
| lieu | les lieux du rôle |
| classe | les élèves de ses propres classes |
| dossier | son propre dossier famille |
| – | rien |

Cette page est écrite par `python scripts/write_rights_page.py`, et comparée à chaque essai au tableau rempli à la
main `tests/records/rights_matrix.csv`.
"""


def page() -> str:
    """Return the page: a section a right, a row an operation, a column a role that has it."""
    operations, reaches = all_operations(), matrix()
    sections = [_OPENING]
    for right in Right:
        names = [name for name, each in operations.items() if each.right is right]
        if names:
            sections.append(_section(right, names, reaches))
    return "\n".join(sections)


def _section(right: Right, names: list[str], reaches: dict[str, dict[str, Reach]]) -> str:
    roles = [role for role, rights in RIGHTS_OF_ROLE.items() if right in rights]
    lines = [f"## {typeset(RIGHT_WORDS[right])}", ""]
    if not roles:
        return "\n".join([*lines, f"Aucun rôle : un programme. {', '.join(f'`{name}`' for name in names)}.", ""])
    lines.append("| opération | " + " | ".join(typeset(ROLE_WORDS[role]) for role in roles) + " |")
    lines.append("|---" * (len(roles) + 1) + "|")
    for name in names:
        words = [REACH_WORDS[reaches[name][role]] for role in roles]
        lines.append(f"| `{name}` | {' | '.join(words)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} est écrite.")
