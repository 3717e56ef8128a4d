"""How the matrix of rights calls what concerns messages, retention, purges and the right of access."""

from collections.abc import Callable

from records.actors import Actor
from records.database import Records
from records.operations import family_export, messages, purges, retention
from tests.factories.town import START

KEEPING_CALLS: dict[str, Callable[[Records, Actor], object]] = {
    "waiting_messages": messages.waiting_messages,
    "tick_off": lambda r, a: messages.tick_off(r, a, 0),
    "list_messages": messages.list_messages,
    "keep_for": lambda r, a: retention.keep_for(r, a, retention.NewRetention("health", -1, START, "x")),
    "list_retention": retention.list_retention,
    "draw_up_purge": lambda r, a: purges.draw_up_purge(r, a, "x"),
    "purge_lists": purges.purge_lists,
    "purge_items": lambda r, a: purges.purge_items(r, a, "x"),
    "order_purge": lambda r, a: purges.order_purge(r, a, "x", ""),
    "carry_out": lambda r, a: purges.carry_out(r, a, "x"),
    "purge_report": lambda r, a: purges.purge_report(r, a, "x"),
    "export_family": lambda r, a: family_export.export_family(r, a, "x"),
}
