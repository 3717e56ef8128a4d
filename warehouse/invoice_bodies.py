"""What a run freezes: the published drafts of a month with every line, as canonical JSON, in the payers' order.

DuckDB writes the JSON, in cents and ten thousandths: a million lines never become Python objects. It names children
by reference alone: what is erased later must not stay in facts. What each price rests on is frozen with it, so that
an invoice explains itself for ever (domain.explained_invoices). Prices are decimals as text, exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from warehouse.reader import MARTS, Reader

PAYERS_AT_ONCE = 1_000
_DUE, _TOLD = "marelle.intermediate.int_billing__told", "marelle.intermediate.int_pricing__told"
_CENTS = "cast({} * 100 as bigint)"
_E4 = "cast({} * 10000 as bigint)"


@dataclass(frozen=True, slots=True)
class DraftBody:
    """One payer's draft of a month, amounts in cents; `body` is the canonical JSON of its lines."""

    payer_ref: str
    is_held: bool
    lines_cents: int
    adjustments_cents: int
    aside_cents: int
    carried_cents: int
    total_cents: int
    line_count: int
    carried_ids: Sequence[int]
    body: str


@dataclass(frozen=True, slots=True)
class MonthToBill:
    """What a month's drafts are as a whole: payers, the threshold in cents (None without drafts), the places."""

    payers: int
    threshold_cents: int | None
    structure_refs: tuple[str, ...]


def month_to_bill(reader: Reader, month: date) -> MonthToBill:
    """Return how many drafts a month has (its first day), and the places whose lines they bill."""
    cursor = reader.connection.cursor()
    payers, threshold = cursor.execute(
        f"select count(*), max({_CENTS.format('threshold_amount')}) "  # noqa: S608 (our own names)
        f"from {MARTS}.fct_invoice_drafts where month = ?",
        [month],
    ).fetchall()[0]
    places = cursor.execute(
        f"select distinct structure_ref from {_TOLD} inner join {_DUE} as due using (line_key) "  # noqa: S608
        "where due.month = ? and status = 'billable' order by structure_ref",
        [month],
    ).fetchall()
    return MonthToBill(payers, threshold, tuple(ref for (ref,) in places))


def draft_bodies(reader: Reader, month: date, after_payer_ref: str | None) -> Iterator[list[DraftBody]]:
    """Yield a month's drafts by parts, in the order of the payers' references, after one of them (None: all)."""
    cursor = reader.connection.cursor()
    payers = cursor.execute(
        f"select payer_ref from {MARTS}.fct_invoice_drafts where month = ? "  # noqa: S608
        "and payer_ref > ? order by payer_ref",
        [month, after_payer_ref or ""],
    ).fetchall()
    for start in range(0, len(payers), PAYERS_AT_ONCE):
        part = payers[start : start + PAYERS_AT_ONCE]
        values = {"month": month, "first": part[0][0], "last": part[-1][0]}
        yield [DraftBody(*row) for row in cursor.execute(_BODIES, values).fetchall()]


def _object(members: Mapping[str, str]) -> str:
    """Return the SQL of a JSON object, of the SQL of its members' JSON: half of what DuckDB's own writer costs.

    None of them is null. Joined by ||, each would be copied again by all that follow.
    """
    texts = [
        f"""'{"," if place else "{"}"{name}":', {json}""" for place, (name, json) in enumerate(members.items())
    ]
    return f"concat({', '.join(texts)}, '}}')"


def _plain(value: str) -> str:
    """Return the JSON of a number."""
    return f"coalesce(cast({value} as varchar), 'null')"


def _code(value: str) -> str:
    """Return the JSON of a day, a decimal or one of our own codes, in which nothing needs an escape."""
    return f"""coalesce('"' || {value} || '"', 'null')"""


def _json(value: str) -> str:
    """Return the JSON of anything, null when it is none."""
    return f"coalesce(cast(to_json({value}) as varchar), 'null')"


def _json_when(condition: str, value: str) -> str:
    """Return the JSON of what few rows have: the others are not written at all."""
    return f"case when {condition} then cast(to_json({value}) as varchar) else 'null' end"


_WAS_THERE = "each.arrived_minute is not null or each.billed_minutes is not null"
_STAY = "{'from': each.arrived_minute, 'to': each.left_minute, 'minutes': each.billed_minutes}"
_STEPS = """list_transform(price_steps, lambda step : {
    'label': step.label, 'form': step.form, 'applies_to': step.applies_to,
    'before': cast(step.before as varchar), 'after': cast(step.after as varchar)
})"""
_WHY = f"""{{
    'tariff': tariff_label, 'rule': rule_label, 'decision': tariff_decision, 'since': tariff_valid_from,
    'qf': {_CENTS.format("qf_value")}, 'qf_source': qf_source, 'qf_since': qf_effective_from,
    'band_from': {_CENTS.format("band_from")}, 'band_to': {_CENTS.format("band_to")},
    'basis': price_basis, 'income': {_CENTS.format("income")}, 'children': income_children,
    'rounding': rounding_minutes, 'rounding_mode': rounding_mode, 'formula': formula_label
}}"""
# Lines alike: what they share is written once.
_DAY = f"""concat(
    '{{"day":"', each.day, '"', case when {_WAS_THERE} then concat(',"stay":', to_json({_STAY})) end, '}}'
)"""
_ALIKE = _object(
    {
        "kind": _code("kind"),
        "units": _plain(_E4.format("units")),
        "price": _code("unit_price"),
        "amount": _plain(_CENTS.format("amount")),
        "covered": _plain(_CENTS.format("covered_amount")),
        "situation": _code("situation"),
        "steps": _json_when("len(price_steps) > 0", _STEPS),
        "shares": _json_when("shares is not null", "shares"),
        "days": f"'[' || array_to_string(list_transform(days, lambda each : {_DAY}), ',') || ']'",
    }
)
_LINE = _object(
    {
        "child": _json("child_ref"),
        "service": _json("service_ref"),
        "service_label": _json("service_label"),
        "place": _json("structure_ref"),
        "place_label": _json("structure_label"),
        "unit": _code("unit"),
        "why": _json("why"),
        "alike": "'[' || alike || ']'",
    }
)
_ADJUSTMENT = f"""{{
    'child': child_ref, 'service': service_ref, 'service_label': service_label,
    'place': structure_ref, 'place_label': structure_label, 'day': day, 'kind': kind, 'reason': reason,
    'before': {_CENTS.format("invoiced_amount")}, 'now': {_CENTS.format("due_amount")}
}}"""
_CARRIED = f"""coalesce(list_transform(carried, lambda held : {{
    'draft': held.draft_id, 'month': held.month, 'cents': {_CENTS.format("held.amount")}
}}), [])"""
_ASIDE = f"""coalesce(list_transform(list_filter(services, lambda one : one.amount <> 0), lambda one : {{
    'service': one.service, 'service_label': one.service_label, 'cents': {_CENTS.format("one.amount")}
}}), [])"""
_BODY = _object(
    {
        "lines": "'[' || coalesce(lines.lines, '') || ']'",
        "adjustments": _json("coalesce(adjustments.adjustments, [])"),
        "carried": _json(_CARRIED),
        "aside": _json(_ASIDE),
    }
)
_BODIES = f"""
with shares as (
    select line_key, list({{
        'body': body_name, 'decision': decision_number, 'cents': {_CENTS.format("amount")}
    }} order by rank, coverage_ref) as shares
    from {MARTS}.fct_covered_lines
    where month = $month and payer_ref between $first and $last
    group by line_key
), alike as (
    select told.payer_ref, child_ref, service_ref, service_label, structure_ref, structure_label, unit,
        tariff_label, rule_label, tariff_decision, tariff_valid_from, qf_value, qf_source, qf_effective_from,
        band_from, band_to, price_basis,
        case when price_basis <> 'qf' then monthly_income end as income,
        case when price_basis <> 'qf' then children_count end as income_children,
        rounding_minutes, rounding_mode, formula_label,
        string_agg({_ALIKE}, ',' order by told.day, told.kind) as alike
    from {_TOLD} as told
    inner join {_DUE} as due on told.line_key = due.line_key
        and due.month = $month and due.payer_ref between $first and $last and status = 'billable'
    left join shares on told.line_key = shares.line_key
    where told.month = $month and told.payer_ref between $first and $last
    group by all
), reasons as (
    select *, {_WHY} as why from alike
), lines as (
    select payer_ref,
        string_agg({_LINE}, ',' order by child_ref, service_ref, structure_ref, unit, why) as lines
    from reasons group by payer_ref
), adjustments as (
    select payer_ref, list({_ADJUSTMENT} order by day, line_key) as adjustments
    from {MARTS}.fct_adjustments
    where billed_with = $month and payer_ref between $first and $last
    group by payer_ref
)
select drafts.payer_ref, is_held, {_CENTS.format("lines_amount")}, {_CENTS.format("adjustments_amount")},
    {_CENTS.format("aside_amount")}, {_CENTS.format("carried_amount")}, {_CENTS.format("total_amount")}, line_count,
    coalesce(list_transform(carried, lambda held : held.draft_id), []),
    {_BODY}
from {MARTS}.fct_invoice_drafts as drafts
left join lines using (payer_ref)
left join adjustments using (payer_ref)
where drafts.month = $month and drafts.payer_ref between $first and $last
order by drafts.payer_ref
"""  # noqa: S608 (our own names)
