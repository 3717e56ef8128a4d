"""Write the measured counts into docs/PROMISE.md: `python scripts/write_promise_page.py`.

The counts are the sums of the kept runs of `python -m tests.simulation.soak --json docs/data/proof/NAME.json`,
each of which the page names with its version. A test holds the page equal to what this writes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "PROMISE.md"
PROOFS = ROOT / "docs" / "data" / "proof"
_COLUMNS = ("runs", "promised", "lost", "doubled", "invented", "other", "allowed")
BEGIN, END = "<!-- counts -->", "<!-- /counts -->"
_NAMES = {
    "outbox, power cuts": "borne, coupures de courant",
    "server, power cuts": "serveur, coupures de courant",
    "outbox, cuts of a refusing disk": "borne, coupures sur un disque qui refuse",
    "server, cuts of a refusing disk": "serveur, coupures sur un disque qui refuse",
    "outbox, 5 % of fsyncs lie": "borne, 5 % des écritures mentent",
    "outbox, 30 % of fsyncs lie": "borne, 30 % des écritures mentent",
    "server, 5 % of fsyncs lie": "serveur, 5 % des écritures mentent",
    "outbox, cuts while it repairs": "borne, coupures pendant une réparation",
    "kill -9 at any instant": "programme tué à tout instant",
    "kill -9 at a step": "programme tué à chaque étape",
    "disk full, errors, read-only": "disque plein, en erreur, en lecture seule",
    "damaged files": "fichiers abîmés",
    "school week: network": "semaine d'école : réseau",
    "school week: clock": "semaine d'école : horloges",
    "school week: restore": "semaine d'école : serveur restauré",
    "school week: week": "semaine d'école : tout à la fois",
    "school week: crash": "semaine d'école : plantages",
    "school week: devices": "semaine d'école : bornes retirées, copiées, réenrôlées",
    "school week: long": "semaine d'école : mois hors ligne",
}


def kept_runs() -> list[dict[str, Any]]:
    """Return what each kept run wrote, the oldest first."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in PROOFS.glob("*.json")]
    return sorted(runs, key=lambda run: str(run["date"]))


def totals(runs: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return the figures of each family over all runs."""
    found: dict[str, Counter[str]] = {}
    for run in runs:
        for name, figures in run["families"].items():
            found.setdefault(name, Counter()).update(figures)
    return found


def page() -> str:
    """Return the page with the counts of the kept runs; raises KeyError for a family that no run played."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_counts(kept_runs())}\n{END}{after}"


def _counts(runs: list[dict[str, Any]]) -> str:
    families = totals(runs)
    lines = [
        "Mesuré par :",
        "",
        *(f"- le {run['date'][:10]}, version `{run['commit']}` : `{_command(run)}`" for run in runs),
        "",
        "| pannes | essais | gestes promis | perdus | doublés | inventés | autres | admis |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, label in _NAMES.items():
        figures = [families[name][column] for column in _COLUMNS]
        lines.append(f"| {label} | {' | '.join(_number(figure) for figure in figures)} |")
    return "\n".join(
        [
            *lines,
            "",
            "« Admis » : ce qu'un disque qui ment a oublié, que nous ne promettons pas (sur un serveur, les bornes",
            "l'offrent de nouveau pendant 90 jours).",
        ]
    )


def _command(run: dict[str, Any]) -> str:
    """Return the command of a run, without the file of this machine that it wrote."""
    return str(run["command"]).partition(" --json")[0]


def _number(figure: int) -> str:
    return f"{figure:,}".replace(",", "\u00a0")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} est écrite.")
