"""Labels of trays as PDF: for whoever serves, never sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.french import long_date, staff_name
from exchanges.papers.typesetting import pdf
from records.operations.trays import Tray


def tray_labels_pdf(trays: Sequence[Tray], meal: tuple[str, str, date], town: str) -> bytes:
    """Return the labels of a meal (service, place, day), in the order given: the same trays, the same bytes."""
    service, place, day = meal
    told = f"{service}, {long_date(day)}"
    data = {
        "title": f"Plateaux, {place}",
        "sender": {"name": town, "lines": []},
        "lead": f"{told.capitalize()}. Données de santé : détruire après le service.",
        "footer": f"{place}, {told}",
        "is_specimen": False,
        "labels": [
            {
                "name": staff_name(each.last_name, each.first_name),
                "class": each.class_label or "",
                "diet": each.diet,
                "notes": list(each.notes),
                "meal": told,
            }
            for each in trays
        ],
    }
    return pdf("tray_labels", data, day)
