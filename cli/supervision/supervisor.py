"""Starts the children of `marelle run`, restarts those that fall, and stops them all at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.supervision.children import Child, ChildFailed, ChildSpec

POLL_SECONDS = 0.1
START_SECONDS_MAX = 90.0
RESTART_SECONDS_FIRST = 1.0
RESTART_SECONDS_MAX = 60.0
# A child that ran this long had started well: its next fall begins the waiting again from the first delay.
STEADY_SECONDS = 60.0


@dataclass
class _Post:
    """A place for a child: the one that runs there, and when to try again when none does."""

    spec: ChildSpec
    child: Child | None = None
    started_at: float = 0.0
    delay: float = RESTART_SECONDS_FIRST
    restart_at: float = 0.0


class Supervisor:
    """Owns the children; `say` tells a person what happened to one of them."""

    def __init__(self, specs: Sequence[ChildSpec], log_folder: Path, say: Callable[[str], None]) -> None:
        self._posts = [_Post(spec) for spec in specs]
        self._log_folder = log_folder
        self._say = say
        self.stop_asked = threading.Event()

    def specs(self) -> list[ChildSpec]:
        """Return what is watched."""
        return [post.spec for post in self._posts]

    def start(self) -> None:
        """Start every child. Raises ChildFailed when one cannot even be launched."""
        for post in self._posts:
            self._launch(post)

    def wait_until_healthy(self, timeout_seconds: float = START_SECONDS_MAX) -> None:
        """Wait until every service answers. Raises ChildFailed naming those that do not."""
        deadline = time.monotonic() + timeout_seconds
        waiting = list(self._posts)
        while waiting and not self.stop_asked.is_set():
            for post in waiting:
                if post.child is not None and post.child.exit_code() is not None:
                    raise ChildFailed(
                        f"{post.spec.label} n'a pas pu démarrer : {post.child.last_line()} "
                        f"Le détail est dans {post.child.log_path}.",
                        child=post.spec.name,
                    )
            waiting = [post for post in waiting if not post.spec.is_healthy()]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(post.spec.label for post in waiting)
                raise ChildFailed(
                    f"Sans réponse après {timeout_seconds:.0f} secondes : {names}. "
                    f"Le détail est dans {self._log_folder}.",
                )
            if waiting:
                self.stop_asked.wait(POLL_SECONDS)

    def watch(self) -> None:
        """Keep the children running until `stop_asked` is set."""
        while not self.stop_asked.wait(POLL_SECONDS):
            now = time.monotonic()
            for post in self._posts:
                self._look_after(post, now)

    def stop(self) -> None:
        """End every child and what it started, in the reverse order. Never raises."""
        for post in reversed(self._posts):
            if post.child is not None:
                post.child.ask_to_stop()
        asked_at = time.monotonic()
        for post in sorted(self._posts, key=lambda post: post.spec.stop_seconds):
            if post.child is not None:
                post.child.finish(max(0.1, asked_at + post.spec.stop_seconds - time.monotonic()))
                post.child = None

    def _launch(self, post: _Post) -> None:
        log_path = self._log_folder / f"{post.spec.name}.log"
        try:
            post.child = Child(post.spec, log_path)
        except OSError as error:
            raise ChildFailed(
                f"{post.spec.label} n'a pas pu démarrer ({error.strerror or error}).", child=post.spec.name
            ) from error
        post.started_at = time.monotonic()

    def _look_after(self, post: _Post, now: float) -> None:
        if post.child is not None:
            code = post.child.exit_code()
            if code is None:
                return
            line = post.child.last_line()
            post.child.finish(0.1)
            post.child = None
            if now - post.started_at >= STEADY_SECONDS:
                post.delay = RESTART_SECONDS_FIRST
            post.restart_at = now + post.delay
            self._say(
                f"{post.spec.label} s'est arrêté (code {code}). Nouvel essai dans {post.delay:.0f} s. "
                f"{line and f'Dernier message : {line}'}".strip()
            )
            post.delay = min(post.delay * 2, RESTART_SECONDS_MAX)
        elif now >= post.restart_at:
            self._launch(post)
