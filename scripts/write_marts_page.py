"""Write docs/data/marts.md from the descriptions that stand beside the SQL: `python scripts/write_marts_page.py`.

A test holds the page equal to what this writes, so a mart cannot change without its page.
"""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
MARTS = ROOT / "dbt_project" / "models" / "marts"
PAGE = ROOT / "docs" / "data" / "marts.md"
_OPENING = """# Les tables publiées

Schéma `marts` du fichier publié par `marelle warehouse build`, en lecture seule : `marelle query "SELECT …"`, avec
`--csv` ou `--json`. L'argent est en décimal exact, en euros ; les minutes sont celles de l'horloge du lieu ; une
valeur qui manque est vide, jamais 0. Les descriptions sont celles des modèles, en anglais ; leur première phrase
donne le grain.

Cette page est écrite par `python scripts/write_marts_page.py`.
"""


def page() -> str:
    """Return the page: a section a mart, a row a column."""
    sections = [_OPENING]
    for path in sorted(MARTS.rglob("_*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            sections.append(_section(path.parent.name, model))
    return "\n".join(sections)


def _section(room: str, model: dict[str, object]) -> str:
    columns = model["columns"]
    assert isinstance(columns, list), "every mart describes its columns"
    lines = [f"## {model['name']}", "", f"{model['description']} (`marts/{room}`)", "", "| column | type | what |"]
    lines.append("|---|---|---|")
    for column in columns:
        described = " ".join(str(column["description"]).split()).replace("|", "\\|")
        lines.append(f"| `{column['name']}` | {str(column['data_type']).upper()} | {described} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} est écrite.")
