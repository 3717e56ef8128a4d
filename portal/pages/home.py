"""Home of a family; staff who come here are sent to their own pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.french import MONTHS, medium_date, month_name
from portal import answers
from portal.own_lines import own_lines
from portal.rendering import local_now, render
from portal.views.home import children_blocks, greeting, money, month_sentence
from portal.views.month import family_cents, first_of_month
from portal.visitors import Visitor, context_of, visitor_of
from records.operations.family_view import my_children_today, my_families, my_family

router = APIRouter(default_response_class=HTMLResponse, responses=answers.SIGNED_IN)


@router.get("/", response_model=None)
def home(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Show who reads, what is owed and where the children are; raises NotFound without a family file."""
    context = context_of(request)
    if not visitor.is_family:
        return RedirectResponse(context.dashboards_url, status_code=303)
    me = my_family(context.records, visitor.actor).me
    families = my_families(context.records, visitor.actor)
    payers = [payer for family in families for payer in family.payers]
    now, today = local_now(request)
    own = own_lines(context, families, first_of_month(today), today)
    unpriced = sum(line.amount is None for line in own.lines)
    return render(
        request,
        "home.html",
        active="home",
        greeting=greeting(me),
        today=medium_date(today),
        children=children_blocks(
            [child for family in families for child in family.children],
            my_children_today(context.records, visitor.actor, now),
        ),
        money=money(payers),
        month_sentence=month_sentence(month_name(today), family_cents(own.lines, own.shares), unpriced)
        if payers
        else "",
        month=MONTHS[today.month - 1],
        dashboards_url=context.dashboards_url,
    )
