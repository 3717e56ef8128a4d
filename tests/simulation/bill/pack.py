"""All twins of all worlds as sites of one records database, and the bill of each as one build publishes it.

The taps are the rows of each run's own server, word for word as it judged them: their corrected time, confidence
and flags. Only what names a child, a badge, a device or a tap is renamed, so that no site knows another.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from domain.time import instant_at
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.models import Device, DeviceEpoch, Tap
from records.operations.devices import NewDevice, register_device, revoke_device
from tests.factories.town import HandClock
from tests.harness.models import share_models
from tests.simulation.bill.life import ZONE
from tests.simulation.bill.run import Twin
from tests.simulation.bill.town import DEVICES, MONDAY, SPARES, START, Site, write_sites
from warehouse.build import build

CLEAN, FAULTY = "c", "f"
AS_OF = instant_at(MONDAY + timedelta(days=6), 720, ZONE)


@dataclass(frozen=True)
class World:
    """One world: its fault-free run and its run under faults."""

    number: int
    clean: Twin
    faulty: Twin

    def sides(self) -> Iterator[tuple[Site, Twin]]:
        """Yield its two sites with their runs."""
        for number, (side, twin) in enumerate(((CLEAN, self.clean), (FAULTY, self.faulty)), 1):
            yield Site(f"{side}{self.number}:", 2 * self.number + number, twin.seed), twin


def tap_id_at(site: Site, tap_id: str) -> str:
    """Return the identity of a tap at a site: both twins may have drawn the same one."""
    return hashlib.sha256(f"{site.prefix}{tap_id}".encode()).hexdigest()[:32]


def publish(home: Path, worlds: Sequence[World]) -> None:
    """Write the records of all worlds in a new MARELLE_HOME, and publish their figures in one build."""
    home.mkdir(parents=True, exist_ok=True)
    url = records_url(home)
    migrations.upgrade(url)
    clock = HandClock(instant_at(START, 480, ZONE))
    records = open_records(url, clock)
    try:
        sides = [side for world in worlds for side in world.sides()]
        write_sites(records, [site for site, _ in sides])
        devices = _write_devices(records, clock, sides)
        epochs = [_sent(site, devices, row) for site, twin in sides for row in twin.epochs]
        taps = [_tap(site, _sent(site, devices, row)) for site, twin in sides for row in twin.taps]
        with records.write(SETUP, "copy_what_devices_sent") as write:
            write.session.execute(insert(DeviceEpoch), epochs)
            write.session.execute(insert(Tap), taps)
    finally:
        records.close()
    share_models(home)
    build(home, url, now=AS_OF)


def _write_devices(records: Records, clock: HandClock, sides: Sequence[tuple[Site, Twin]]) -> dict[str, int]:
    """Register the devices that sent something, revoked as they were; return their ids by ref."""
    places = {**DEVICES, **SPARES}
    revoked: list[tuple[int, str]] = []
    for site, twin in sides:
        for ref in sorted({row["device_ref"] for row in (*twin.taps, *twin.epochs)}):
            register_device(records, SETUP, NewDevice(site.ref(ref), ref, site.ref(places[ref]), "badge"))
            if ref in twin.revoked:
                revoked.append((twin.revoked[ref], site.ref(ref)))
    for since, ref in sorted(revoked):
        clock.now = since
        revoke_device(records, SETUP, ref)
    with records.read() as session:
        return {ref: number for ref, number in session.execute(select(Device.ref, Device.id))}


def _sent(site: Site, devices: dict[str, int], row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the run's server as one of the site's device."""
    sent = dict(row)
    sent["device_id"] = devices[site.ref(sent.pop("device_ref"))]
    return sent


def _tap(site: Site, tap: dict[str, Any]) -> dict[str, Any]:
    """Return a tap with the site's own names."""
    named = {**tap, "tap_id": tap_id_at(site, tap["tap_id"])}
    if tap["undoes"] is not None:
        named["undoes"] = tap_id_at(site, tap["undoes"])
    if tap["badge_uid"] is not None:
        named["badge_uid"] = site.badge(int(tap["badge_uid"][-2:], 16))
    if tap["child_ref"] is not None:
        named["child_ref"] = site.ref(tap["child_ref"])
    return named
