"""`marelle devices`: terminals and tablets, their one-time codes and their revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from records.operations.fleet import FleetDevice

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Ref = Annotated[str, typer.Argument(metavar="REF", help="Référence de la borne, par exemple borne-tilleuls.")]
STATES = {"never": "à installer", "enrolled": "en service", "revoked": "révoquée"}
MODES = {"badge": "badge", "roll-call": "roll_call"}


def register(
    ref: Ref,
    structure: Annotated[str, typer.Option(metavar="REF", help="Référence de la structure.")],
    label: Annotated[str, typer.Option(metavar="TEXTE", help="Nom lisible ; sans lui, la référence.")] = "",
    mode: Annotated[str, typer.Option(metavar="MODE", help="badge ou roll-call (appel sur tablette).")] = "badge",
    as_json: Json = False,
) -> None:
    """Déclarer une borne ou une tablette et montrer son code d'enrôlement, valable une fois."""
    from cli.help import WrongValue
    from cli.settings import operator, records_here
    from records.operations.devices import NewDevice, register_device

    if mode not in MODES:
        raise WrongValue(f"« {mode} » n'est pas un mode. Choisissez badge ou roll-call.")
    with records_here() as records:
        secret = register_device(records, operator(), NewDevice(ref, label or ref, structure, MODES[mode]))
    _show_code(ref, secret, as_json=as_json)


def code(ref: Ref, as_json: Json = False) -> None:
    """Donner un nouveau code à une borne à réinstaller."""
    from cli.settings import operator, records_here
    from records.operations.devices import renew_device_code

    with records_here() as records:
        secret = renew_device_code(records, operator(), ref)
    _show_code(ref, secret, as_json=as_json)


def revoke(ref: Ref) -> None:
    """Révoquer une borne perdue : elle n'a plus de liste, et ce qu'elle envoie encore est gardé et signalé."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.devices import revoke_device

    with records_here() as records:
        revoke_device(records, operator(), ref)
    print_line(
        f"Borne {ref} révoquée. Ses passages déjà reçus restent. Pour la réinstaller : marelle devices code {ref}"
    )


def list_(as_json: Json = False) -> None:
    """Lister les bornes et les tablettes : dernier contact, ce qui attend, ce qui manque, ce qui est à régler."""
    from cli.output import Column, print_json, print_rows
    from cli.settings import operator, records_here, time_zone
    from records.operations.fleet import fleet

    with records_here() as records:
        rows = [_facts(device) for device in fleet(records, operator(), records.clock()).devices]
        zone = time_zone(records)
    if as_json:
        print_json(rows)  # everything known, not only what fits a screen
        return
    columns = [
        Column("device_ref", "Référence"),
        Column("label", "Nom"),
        Column("structure_name", "Structure"),
        Column("state", "État", STATES.__getitem__),
        Column("last_seen_at", "Vue", lambda instant: _moment(instant, zone, "jamais")),
        Column("pending", "À envoyer", _count),
        Column("parked", "De côté", _count),
        Column("missing", "Manquants"),
        Column("to_settle", "À examiner"),
    ]
    print_rows(rows, columns, as_json=False, empty="Aucune borne. Déclarez-en une : marelle devices register")


def _facts(device: FleetDevice) -> dict[str, object]:
    from dataclasses import asdict

    recovery = None if device.recovery is None else device.recovery.model_dump()
    return {**asdict(device), "state": device.state.value, "recovery": recovery}


def _count(value: int | None) -> str:
    return "inconnu" if value is None else str(value)


def _show_code(ref: str, secret: str, *, as_json: bool) -> None:
    from cli.output import print_json, print_line

    if as_json:
        print_json({"device_ref": ref, "code": secret})
        return
    print_line(f"Code d'enrôlement de {ref} : {secret[:4]} {secret[4:]}")
    print_line("Il sert une fois, pendant deux jours. Il ne sera plus montré.")


def _moment(instant: int | None, zone: str, otherwise: str) -> str:
    from domain.time import local

    return otherwise if instant is None else f"{local(instant, zone):%d/%m/%Y %H:%M}"
