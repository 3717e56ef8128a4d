"""The month's lines of a family, and « Pourquoi ce prix ? » for one of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from domain.errors import NotFound
from domain.explained_invoices import LineNow, explain_invoiced, frozen_line, line_now
from domain.explanations import explain
from domain.shares import Shares
from portal import answers
from portal.own_lines import own_line, own_lines
from portal.rendering import local_now, render
from portal.views.month import MonthQuestion, first_of_month, month_view, next_month
from portal.views.reason import reason_view
from portal.visitors import Visitor, context_of, visitor_of
from records.operations.family_view import my_families
from records.operations.invoice_lines import my_line_mentions

router = APIRouter(default_response_class=HTMLResponse, responses=answers.SIGNED_IN)
MONTHS_BACK = 12
_DAY_PLACE = 2  # child~service~day~kind~payer (docs/data.md, line_key)


@router.get("/lignes", response_model=None)
def month_page(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)], mois: str = "") -> Response:
    """Show a month up to today; raises NotFound for a month that cannot be read."""
    context = context_of(request)
    families = my_families(context.records, visitor.actor)
    _now, today = local_now(request)
    month = _month(mois, today)
    own = own_lines(context, families, month, min(today, next_month(month) - timedelta(days=1)))
    names = {payer.payer_ref: f"dossier {family.name}" for family in families for payer in family.payers}
    question = MonthQuestion(
        month=month,
        today=today,
        first_month=_first_month(today),
        explain=explain,
        shares=own.shares,
        payer_labels=names if len(names) > 1 else {},
    )
    is_payer = bool(names)
    return render(request, "lines.html", active="lines", month=month_view(own.lines, question), is_payer=is_payer)


@router.get("/lignes/{line_key:path}", response_model=None)
def reason_page(request: Request, line_key: str, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show why one of the reader's own lines costs what it costs; raises NotFound for any other."""
    context = context_of(request)
    families = my_families(context.records, visitor.actor)
    _now, today = local_now(request)
    mentions = my_line_mentions(context.records, visitor.actor, line_key)
    try:
        line, shares = own_line(context, families, line_key, _day_of(line_key))
    except NotFound:
        # Billed once, and there no more: the invoice still explains it.
        billed = next((mention for mention in mentions if mention.day is not None), None)
        if billed is None:
            raise
        line, shares, now = frozen_line(line_key, billed, None), Shares(), LineNow(None, None)
        why: tuple[str, ...] = ()
    else:
        now = line_now(line, shares)
        why = (*explain(line), *shares.sentences(line))
    view = reason_view(line, why, today, explain_invoiced(line_key, mentions, now))
    return render(request, "line.html", active="lines", line=view, month=view.month)


def _first_month(today: date) -> date:
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(months // 12, months % 12 + 1, 1)


def _month(text: str, today: date) -> date:
    """Return the month asked for as YYYY-MM, this month by default."""
    if not text:
        return first_of_month(today)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound("Ce mois n'existe pas.", month=text) from None
    if not _first_month(today) <= month <= first_of_month(today):
        raise NotFound("Ce mois n'est pas consultable.", month=text)
    return month


def _day_of(line_key: str) -> date:
    parts = line_key.split("~")
    try:
        return date.fromisoformat(parts[_DAY_PLACE])
    except (IndexError, ValueError):
        raise NotFound("Cette ligne n'existe pas.", line_key=line_key) from None
