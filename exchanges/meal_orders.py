"""An order as its supplier gets it: a CSV for a machine, a PDF with a sheet for each place."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.french import long_date, medium_date, number
from domain.kitchen import HORIZON_WORDS
from exchanges.papers.typesetting import pdf

_TEMPLATE = "meal_order"
_HEADER = ("jour", "lieu", "service", "regime", "portions")
_BYTE_ORDER_MARK = "\ufeff"  # without it a French Excel reads « Ã© »
# A spreadsheet would run what begins with one of these.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


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
    """Return the lines for a French spreadsheet: UTF-8 with its mark, « ; », CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADER)
    for line in content["lines"]:
        told = (line["day"], line["place"], line["service"], line["diet"])
        writer.writerow([*(_safe(str(cell)) for cell in told), line["quantity"]])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def order_pdf(content: Mapping[str, Any], town: str) -> bytes:
    """Return the order as PDF, a sheet for each place, in the order of their names."""
    sent_on = date.fromisoformat(str(content["sent_on"]))
    places = sorted({str(line["place"]) for line in content["lines"]})
    data = {
        "title": f"Commande de repas n° {content['number']}",
        "sender": {"name": town, "lines": []},
        "footer": f"Commande n° {content['number']}, {medium_date(sent_on)}",
        "is_specimen": False,
        "lead": f"{HORIZON_WORDS[str(content['horizon'])].capitalize()} pour {content['name']}, "
        f"envoyée le {long_date(sent_on)}",
        "sheets": [
            _sheet(place, [line for line in content["lines"] if line["place"] == place]) for place in places
        ],
    }
    return pdf(_TEMPLATE, data, sent_on)


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


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
