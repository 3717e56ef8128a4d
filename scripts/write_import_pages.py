"""Write docs/import.md and docs/import/*.md from the declared files: `python scripts/write_import_pages.py`.

A test holds the pages equal to what this writes, so a column cannot change without its page.
"""

from __future__ import annotations

from pathlib import Path

from domain.french import plural, typeset
from records.actors import Right
from records.operations.rights import RIGHT_WORDS
from records.town_files.columns import FileColumn, TownFile
from records.town_files.declared import FILES
from records.town_files.not_covered import NOT_COVERED
from records.town_files.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "docs" / "import.md"
PAGES = ROOT / "docs" / "import"
_OPENING = """# Importer et exporter une collectivité

Un dossier de fichiers CSV charge une collectivité entière dans une base vide, par exemple pour quitter un autre
logiciel ; les mêmes fichiers ressortent par l'export, identiques à l'octet près.

```console
$ marelle init "Ville-en-Essai" --admin claire --admin-name "Claire" --contact "01 99 00 12 34" --zone B
$ marelle import DOSSIER --dry-run
$ marelle import DOSSIER
$ marelle export data DOSSIER
```

**Tout ou rien.** `--dry-run` contrôle sans rien enregistrer. Chaque faute est dite avec son fichier, sa ligne et
sa colonne ; tant qu'il en reste une, rien n'est enregistré, et une coupure au milieu n'enregistre rien non plus.
Une ligne « À vérifier » n'empêche rien : deux personnes qui semblent une seule, une catégorie sans prix.

**Les fichiers.** UTF-8 (avec ou sans marque) ou Windows-1252, colonnes séparées par `;`, `,` ou une tabulation. La
première ligne donne le nom des colonnes, dans n'importe quel ordre ; une colonne facultative peut manquer, un
fichier entier aussi. Les espaces autour d'une valeur ne comptent pas ; une valeur vide est une valeur inconnue.

**Les montants** sont en euros (`12,50` ou `12.50`), jamais en centimes : un grand nombre sans décimales est
refusé, ou s'écrit avec `,00`. **Les fins sont exclues** : le premier jour qui n'en fait plus partie.

**Les tableurs.** Une valeur qui commence par `=`, `+`, `-` ou `@` est écrite avec une apostrophe devant, qui est
ôtée à l'import : ainsi aucun tableur ne la prend pour une formule.

**La santé.** `sante.csv` demande aussi le droit d'écrire la santé, que l'administration informatique n'a pas : la
commande, sur le serveur, l'importe. Qui n'y a pas accès laisse ce fichier de côté ; la santé se saisit ensuite dans
les dossiers.

L'import demande le droit « {import_right} », l'export « {export_right} ». Les fichiers exportés contiennent des
données personnelles : seul leur propriétaire peut les lire. Chacun des deux laisse une ligne dans l'historique,
avec l'empreinte SHA-256 de chaque fichier.
"""
_CLOSING = "\nCes pages sont écrites par `python scripts/write_import_pages.py`.\n"


def index() -> str:
    """Return the index: how it works, the files in their order, the tables that no file holds."""
    text = _OPENING.format(
        import_right=RIGHT_WORDS[Right.IMPORT_DATA],
        export_right=RIGHT_WORDS[Right.EXPORT_DATA],
    )
    lines = [typeset_outside_code(text), "## Les fichiers", "", "| fichier | une ligne par |", "|---|---|"]
    lines += [f"| [{file.file_name}](import/{file.name}.md) | {typeset(file.grain)} |" for file in FILES]
    lines += ["", "## Ce qui n'est pas couvert", "", "| table | pourquoi |", "|---|---|"]
    lines += [f"| `{table}` | {typeset(why)} |" for table, why in sorted(NOT_COVERED.items())]
    for file in FILES:
        for field_name, why in file.left_out.items():
            lines.append(f"| `{file.table.name}.{field_name}` | {typeset(why)} |")
    return "\n".join(lines) + "\n" + _CLOSING


def page(file: TownFile) -> str:
    """Return the page of a file: its grain, its columns, its rules."""
    lines = [f"# {file.file_name} : {file.title[0].lower()}{file.title[1:]}", ""]
    lines += [
        f"Une ligne par : {file.grain}.",
        "",
        "| colonne | valeur | obligatoire | ce que c'est | exemple | faute |",
    ]
    lines.append("|---|---|---|---|---|---|")
    lines += [_row(file, column) for column in file.columns]
    lines += ["", f"Ce qui est refusé, outre les fautes de chaque colonne : {_doubles(file)}", ""]
    lines += [f"- {RULES[name].sentence}" for name in file.rules]
    for right, what in ((file.writes, "importer"), (file.reads, "exporter")):
        if right is not None:
            lines += ["", f"Pour {what} ce fichier, il faut aussi le droit « {RIGHT_WORDS[right]} »."]
    lines += ["", "Retour à [la liste des fichiers](../import.md)."]
    return "\n".join(typeset(line) if "`" not in line else line for line in lines) + "\n"


def _row(file: TownFile, column: FileColumn) -> str:
    kind = column.kind
    value = f"{kind.name} : {kind.form}" if kind.form else kind.name
    length = file.length_max(column)
    if length is not None and kind.name == "texte":
        value = f"texte, {plural(length, 'caractère', 'caractères')} au plus"
    if column.target is not None:
        value = f"renvoi à {column.target}.csv"
    needed = "oui" if file.is_required(column) else "non"
    example = column.example.replace("|", "\\|") or "(vide)"
    refusal = "valeur manquante" if file.is_required(column) and not kind.refusal else kind.refusal
    return f"| {column.name} | {value} | {needed} | {column.what} | {example} | {refusal} |"


def _doubles(file: TownFile) -> str:
    key = f"deux lignes de même {' et '.join(file.key)} ;" if file.key else "deux lignes qui disent la même chose ;"
    return f"{key} une fin qui ne vient pas après le début ; un renvoi à une ligne qui n'existe pas."


def typeset_outside_code(text: str) -> str:
    """Return a text with its no-break spaces, code left as it is typed."""
    parts = text.split("`")
    return "`".join(part if place % 2 else typeset(part) for place, part in enumerate(parts))


def pages() -> dict[Path, str]:
    """Return each page by its path."""
    return {INDEX: index(), **{PAGES / f"{file.name}.md": page(file) for file in FILES}}


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(FILES) + 1} pages écrites dans docs/.")
