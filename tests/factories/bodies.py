"""Frozen bodies of invoices, made by hand as a run leaves them (warehouse.invoice_bodies)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from records.operations.billing_runs import Draft
from tests.factories.billing import a_draft


def a_day(day: str, amount: int = 280, **changes: Any) -> dict[str, Any]:
    """One day of a line: one meal at its own price."""
    price = f"{Decimal(amount) / 100:.12f}"
    fields = {"day": day, "kind": "meal", "units": 10_000, "price": price, "amount": amount, "covered": 0}
    return fields | changes


def a_group(child: str, days: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """The days of one service of a child, with what their price rests on."""
    why = {
        "tariff": "Prix des repas", "rule": "Enfant", "decision": "Délibération 2026-43", "since": "2026-09-01",
        "qf": 74_200, "qf_source": "caf", "qf_since": "2026-09-01", "band_from": 35_000, "band_to": None,
    }  # fmt: skip
    fields = {
        "child": child, "service": "cantine", "service_label": "Cantine", "place": "ecole-tilleuls",
        "place_label": "École des Tilleuls", "unit": "meal", "why": why, "days": days,
    }  # fmt: skip
    return fields | changes


def an_adjustment(child: str, day: str, before: int, now: int, reason: str = "changed") -> dict[str, Any]:
    """A line that was invoiced otherwise."""
    return {
        "child": child, "service": "cantine", "service_label": "Cantine", "place": "ecole-tilleuls",
        "place_label": "École des Tilleuls", "day": day, "kind": "meal", "reason": reason, "before": before,
        "now": now,
    }  # fmt: skip


def a_body(
    lines: list[dict[str, Any]] | None = None, adjustments: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """A body of lines and adjustments, nothing carried."""
    return {"lines": lines or [], "adjustments": adjustments or [], "carried": [], "aside": []}


def a_whole_draft(payer_ref: str, body: dict[str, Any]) -> Draft:
    """The draft of a body, its sums taken from it."""
    lines = sum(day["amount"] - day["covered"] for group in body["lines"] for day in group["days"])
    adjustments = sum(each["now"] - each["before"] for each in body["adjustments"])
    return a_draft(
        payer_ref,
        lines + adjustments,
        lines_cents=lines,
        adjustments_cents=adjustments,
        body=body_text(body),
    )


def body_text(body: dict[str, Any]) -> str:
    """The text of a body as facts keep it (domain.frozen_bodies), each line alone."""
    groups = [
        {**{name: value for name, value in group.items() if name != "days"}, "alike": [*map(_alone, group["days"])]}
        for group in body["lines"]
    ]
    return json.dumps({**body, "lines": groups}, ensure_ascii=False)


def _alone(line: dict[str, Any]) -> dict[str, Any]:
    own = {name: line[name] for name in ("day", "stay") if name in line}
    return {**{name: value for name, value in line.items() if name not in own}, "days": [own]}
