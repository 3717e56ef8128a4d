"""The services of `marelle run`: how each is started, and how it is asked whether it works."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.memory import memory_settings
from cli.ports import LOOPBACK, Port
from cli.settings import PORTAL_VARIABLE
from cli.supervision.children import ChildSpec

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound
HEALTH_SECONDS = 3.0
SCHEDULER_SILENCE_SECONDS = 30.0
TERMINAL_STOP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services listen: `host` as bound, `name` as people and services reach it."""

    host: str
    name: str
    api: int
    portal: int
    dashboards: int
    terminal: int
    reader: int

    def url(self, port: int) -> str:
        """Return an address to open."""
        return f"http://{self.name}:{port}"

    def local_url(self, port: int) -> str:
        """Return an address for a service of this machine."""
        return f"http://{LOOPBACK if self.host in WILDCARDS else self.host}:{port}"

    def ports(self) -> list[Port]:
        """Return the TCP ports with the option that changes each."""
        return [
            Port(self.api, "API des bornes", "--api-port"),
            Port(self.portal, "portail", "--portal-port"),
            Port(self.dashboards, "pages du service", "--dashboards-port"),
            Port(self.terminal, "borne", "--terminal-port"),
        ]


def service_specs(home: Path, url: str | None, at: Addresses, terminal_command: str | None) -> list[ChildSpec]:
    """Return the services in the order in which they start."""
    env = {"MARELLE_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if url is not None:
        env["MARELLE_DATABASE_URL"] = url
    specs = [
        ChildSpec(
            name="api",
            label="L'API des bornes",
            command=_serve("api", at.host, at.api),
            env=env,
            is_healthy=_answers(f"{at.local_url(at.api)}/v1/health"),
            address=at.url(at.api),
        ),
        ChildSpec(
            name="portal",
            label="Le portail (connexion)",
            command=[*_serve("portal", at.host, at.portal), "--dashboards-url", at.url(at.dashboards)],
            env={**env, **memory_settings(os.environ)},
            is_healthy=_answers(f"{at.local_url(at.portal)}/sante"),
            address=at.url(at.portal),
        ),
        ChildSpec(
            name="dashboards",
            label="Les pages du service",
            command=[*_serve("dashboards", at.host, at.dashboards), "--portal-url", at.url(at.portal)],
            env=env,
            is_healthy=_answers(f"{at.local_url(at.dashboards)}/_stcore/health"),
            address=at.url(at.dashboards),
        ),
        ChildSpec(
            name="scheduler",
            label="L'ordonnanceur",
            command=_serve("scheduler"),
            # Links in mails lead to the public address, when there is one before this machine.
            env={PORTAL_VARIABLE: os.environ.get(PORTAL_VARIABLE) or at.url(at.portal), **env},
            is_healthy=_is_alive(home),
        ),
    ]
    if terminal_command is not None:
        specs.append(
            ChildSpec(
                name="terminal",
                label="La borne simulée",
                command=[*_serve("terminal", at.host, at.terminal), "--command", terminal_command],
                env=env,
                is_healthy=_answers(f"{at.local_url(at.terminal)}/"),
                address=at.url(at.terminal),
                # It waits for open tablets; a screen may be cut at any instant, its taps are on the disk.
                stop_seconds=TERMINAL_STOP_SECONDS,
            )
        )
    return specs


def marelle_command(*arguments: str) -> str:
    """Return a `marelle …` command line that works whatever the PATH."""
    return shlex.join([sys.executable, "-m", "cli", *arguments])


def _serve(name: str, host: str = "", port: int = 0) -> list[str]:
    command = [sys.executable, "-m", "cli", "serve", name, "--stop-with-parent"]
    return [*command, "--host", host, "--port", str(port)] if host else command


def _answers(url: str) -> Callable[[], bool]:
    def is_healthy() -> bool:
        import httpx

        try:
            with httpx.Client(trust_env=False, timeout=HEALTH_SECONDS) as client:
                return client.get(url, follow_redirects=True).is_success
        except httpx.HTTPError:
            return False

    return is_healthy


def _is_alive(home: Path) -> Callable[[], bool]:
    """The scheduler touches a file at each step: a recent one, and no older than our own start."""
    started_at = time.time()

    def is_healthy() -> bool:
        from jobs.scheduler import ALIVE_FILE

        try:
            touched_at = (home / ALIVE_FILE).stat().st_mtime
        except OSError:
            return False
        return touched_at >= max(started_at, time.time() - SCHEDULER_SILENCE_SECONDS)

    return is_healthy
