"""Write the measured counts into docs/PROMISE.md: `python scripts/write_promise_page.py`.

The counts are those of the latest kept run of `python -m tests.simulation.soak --json docs/data/proof.json`, and of
`python -m tests.simulation.bill` beside it. A test holds the page equal to what this writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "PROMISE.md"
PROOF = ROOT / "docs" / "data" / "proof.json"
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


def page() -> str:
    """Return the page with the counts of the kept run; raises KeyError for a family without a French name."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_counts(json.loads(PROOF.read_text(encoding='utf-8')))}\n{END}{after}"


def _counts(proof: dict[str, Any]) -> str:
    lines = [
        f"Mesuré le {proof['date'][:10]} (version `{proof['commit']}`) par",
        f"`{proof['command']}` :",
        "",
        "| pannes | essais | gestes promis | perdus | doublés | inventés | autres | admis |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in proof["families"].items():
        figures = [
            one[column] for column in ("runs", "promised", "lost", "doubled", "invented", "other", "allowed")
        ]
        lines.append(f"| {_NAMES[name]} | {' | '.join(_number(figure) for figure in figures)} |")
    return "\n".join(
        [
            *lines,
            "",
            "« Admis » : ce qu'un disque qui ment a oublié, que nous ne promettons pas (sur un serveur, les bornes",
            "l'offrent de nouveau pendant 90 jours).",
        ]
    )


def _number(figure: int) -> str:
    return f"{figure:,}".replace(",", "\u00a0")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} est écrite.")
