"""`marelle invoices`: lines and their reasons."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    line_key: Annotated[str, typer.Argument(metavar="LIGNE", help="Référence de la ligne (colonne line_key).")],
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Expliquer un prix, de la ligne jusqu'aux passages devant la borne.

    Les références des lignes : marelle query "select line_key, day, service_label, amount from fct_priced_lines"
    """
    from dataclasses import asdict

    from cli.dates import today_here
    from cli.output import print_json, print_line
    from cli.settings import home_folder
    from domain.explanations import explain as explain_line
    from portal.views.reason import reason_view
    from warehouse.reader import open_snapshot

    line = open_snapshot(home_folder()).priced_line(line_key)
    sentences = explain_line(line)
    if as_json:
        print_json({**asdict(line), "explanation": list(sentences)})
        return
    view = reason_view(line, sentences, today_here())
    print_line(f"{view.first_name}, {view.service}, {view.day_label}, {view.place} : {view.price}")
    for sentence in view.sentences:
        print_line(f"  {sentence}")
    print_line()
    print_line("Passages")
    for tap in view.taps:
        print_line(f"  {tap.what} ({tap.how})")
    if not view.taps:
        print_line(f"  {view.no_tap_sentence}")
