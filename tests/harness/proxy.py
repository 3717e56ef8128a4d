"""A cable between a terminal and its server that a test can pull out and plug in again."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress

from tests.harness.processes import free_port

_CHUNK = 65_536
_LOOK_SECONDS = 0.05


class Cable:
    """Forwards TCP connections of loopback to a port, until `cut`; then they break and new ones are refused."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target = ("127.0.0.1", target_port)
        self._plugged = threading.Event()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="cable", daemon=True)

    @property
    def url(self) -> str:
        """The address to give to the terminal."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Cable:
        self.heal()
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._plugged.clear()

    def heal(self) -> None:
        """Let connections through again."""
        self._plugged.set()

    def _run(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        with selectors.DefaultSelector() as selector:
            while not self._stopping.is_set():
                self._follow_the_plug(selector, pairs)
                for key, _ in selector.select(_LOOK_SECONDS):
                    ready = key.fileobj
                    assert isinstance(ready, socket.socket)
                    if ready is self._listener:
                        self._accept(selector, pairs)
                    elif ready in pairs:
                        self._forward(selector, pairs, ready)
            self._unplug(selector, pairs)

    def _follow_the_plug(self, selector: selectors.BaseSelector, pairs: dict[socket.socket, socket.socket]) -> None:
        if self._plugged.is_set() and self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            selector.register(self._listener, selectors.EVENT_READ)
        elif not self._plugged.is_set() and self._listener is not None:
            self._unplug(selector, pairs)

    def _accept(self, selector: selectors.BaseSelector, pairs: dict[socket.socket, socket.socket]) -> None:
        assert self._listener is not None
        near, _ = self._listener.accept()
        try:
            far = socket.create_connection(self._target, timeout=5)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            pairs[one] = other
            selector.register(one, selectors.EVENT_READ)

    @staticmethod
    def _forward(
        selector: selectors.BaseSelector, pairs: dict[socket.socket, socket.socket], ready: socket.socket
    ) -> None:
        other = pairs[ready]
        try:
            data = ready.recv(_CHUNK)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass  # a broken side ends both
        for one in (ready, other):
            pairs.pop(one, None)
            with suppress(KeyError, ValueError):
                selector.unregister(one)
            one.close()

    def _unplug(self, selector: selectors.BaseSelector, pairs: dict[socket.socket, socket.socket]) -> None:
        for one in [*pairs, *([self._listener] if self._listener else [])]:
            with suppress(KeyError, ValueError):
                selector.unregister(one)
            one.close()
        pairs.clear()
        self._listener = None
