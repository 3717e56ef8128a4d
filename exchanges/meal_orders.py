"""An order as its supplier gets it: a CSV for a machine, a PDF with a sheet for each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.french import long_date, medium_date, number
from domain.kitchen import HORIZON_WORDS
from exchanges.papers.typesetting import pdf
from exchanges.spreadsheets import french_csv

_TEMPLATE = "meal_order"
_HEADER = ("jour", "lieu", "service", "regime", "portions")


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A file of an order: its name, what it is, and its bytes."""

    name: str
    media_type: str
    content: bytes


def order_files(content: Mapping[str, Any], town: str) -> tuple[OrderFile, OrderFile]:
    """Return the CSV and the PDF of an order, from what its message holds: the same content, the same bytes."""
    name = f"commande-{content['number']}-{content['first']}"
    return (
        OrderFile(f"{name}.csv", "text/csv", order_csv(content)),
        OrderFile(f"{name}.pdf", "application/pdf", order_pdf(content, town)),
    )


def order_csv(content: Mapping[str, Any]) -> bytes:
    """Return the lines for a French spreadsheet."""
    rows: list[tuple[str | int, ...]] = [
        (*(str(line[name]) for name in ("day", "place", "service", "diet")), int(line["quantity"]))
        for line in content["lines"]
    ]
    return french_csv(_HEADER, rows)


def order_pdf(content: Mapping[str, Any], town: str) -> bytes:
    """Return the order as PDF, a sheet for each place, in the order of their names."""
    sent_on = date.fromisoformat(str(content["sent_on"]))
    lead = f"{HORIZON_WORDS[str(content['horizon'])].capitalize()} pour {content['name']}"
    words = {
        "title": f"Commande de repas n° {content['number']}",
        "footer": f"Commande n° {content['number']}, {medium_date(sent_on)}",
        "lead": f"{lead}, envoyée le {long_date(sent_on)}",
    }
    return _paper(words, content["lines"], town, sent_on)


def place_sheets_pdf(lines: Sequence[Mapping[str, Any]], town: str, today: date) -> bytes:
    """Return what stands ordered as sheets to pin up, one a place; lines are those of an order's message."""
    said = f"Ce qui est commandé, au {long_date(today)}"
    return _paper(
        {"title": "Repas commandés", "footer": f"Au {medium_date(today)}", "lead": said}, lines, town, today
    )


def _paper(words: Mapping[str, str], lines: Sequence[Mapping[str, Any]], town: str, day: date) -> bytes:
    places = sorted({str(line["place"]) for line in lines})
    data = {
        **words,
        "sender": {"name": town, "lines": []},
        "is_specimen": False,
        "sheets": [_sheet(place, [line for line in lines if line["place"] == place]) for place in places],
    }
    return pdf(_TEMPLATE, data, day)


def _sheet(place: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one place's sheet: a block a day, a line a service and diet, the total of the day."""
    days = []
    for day in sorted({str(line["day"]) for line in lines}):
        rows = [line for line in lines if line["day"] == day]
        total = sum(int(line["quantity"]) for line in rows)
        days.append(
            {
                "name": long_date(date.fromisoformat(day)).capitalize(),
                "rows": [[line["service"], line["diet"], number(int(line["quantity"]))] for line in rows],
                "total": number(total),
            }
        )
    return {"place": place, "days": days}
