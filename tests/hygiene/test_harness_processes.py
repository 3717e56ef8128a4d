"""Processes and the pseudo-terminal of the harness, on real commands."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.processes import Processes, ProcessFailure, free_port, wait_until
from tests.harness.pty_terminal import PtyTerminal, ScreenModel

APP = """
from textual.app import App, ComposeResult
from textual.widgets import Button, Input, Static

class Trial(App[None]):
    def compose(self) -> ComposeResult:
        yield Input()
        yield Button("Toucher ici")
        yield Static("✓ ÉTÉ", id="seen")

    def on_button_pressed(self) -> None:
        self.query_one("#seen", Static).update("touché par " + self.query_one(Input).value)

Trial().run()
"""


def test_server_is_awaited_and_stopped(processes: Processes) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = processes.start("files", command, cwd=processes.folder)
    assert server.wait_for_http(f"http://127.0.0.1:{port}/").status_code == 200
    assert server.wait_for_line(r'"GET / HTTP/\d\.\d" (\d+)').group(1) == "200"
    assert server.stop() == -15


def test_process_that_ends_before_the_line_is_named_with_its_output(processes: Processes) -> None:
    broken = processes.start("broken", [sys.executable, "-c", "print('no town here'); raise SystemExit(3)"])
    with pytest.raises(ProcessFailure, match=r"broken ended with 3 before a line(.|\n)*no town here"):
        broken.wait_for_line("ready", timeout_seconds=20)


def test_line_never_printed_fails_after_the_deadline(processes: Processes) -> None:
    quiet = processes.start("quiet", ["sleep", "60"])
    with pytest.raises(ProcessFailure, match=r"after 0\.1 s, still waiting for a line"):
        quiet.wait_for_line("ready", timeout_seconds=0.1)


def test_child_left_behind_is_a_failure_and_is_killed(tmp_path: Path) -> None:
    group = Processes(folder=tmp_path)
    parent = group.start("parent", ["bash", "-c", "trap '' TERM; sleep 61 & trap 'exit 0' TERM; echo up; wait"])
    parent.wait_for_line("up")
    with pytest.raises(ProcessFailure, match="children of parent"):
        parent.stop()
    wait_until(parent.group_is_empty, 5, "the child to be gone")


def test_textual_app_is_seen_typed_and_touched(pty_terminal: Callable[..., PtyTerminal]) -> None:
    terminal = pty_terminal([sys.executable, "-c", APP])
    terminal.wait_for("✓ ÉTÉ")
    terminal.type("Zoé")
    terminal.wait_for("Zoé")
    terminal.click_text("Toucher ici")
    screen = terminal.wait_for("touché par Zoé")
    assert screen.count("\n") == 29
    terminal.press("ctrl+q")
    assert terminal.popen.wait(10) == 0


def test_screen_never_shown_fails_with_what_was_shown(pty_terminal: Callable[..., PtyTerminal]) -> None:
    terminal = pty_terminal(["echo", "autre chose"])
    with pytest.raises(ProcessFailure, match="autre chose"):
        terminal.wait_for("bonjour", timeout=10)


def test_pty_is_the_size_of_the_panel(pty_terminal: Callable[..., PtyTerminal]) -> None:
    assert pty_terminal(["stty", "size"]).wait_for("30 100")


@pytest.mark.parametrize("cut", range(1, 25))
def test_screen_model_survives_sequences_cut_anywhere(cut: int) -> None:
    data = "é\x1b[<u\x1b[>1u\x1b[?2026h\x1bP+q54\x1b\\✓".encode()
    model = ScreenModel()
    model.feed(data[:cut])
    model.feed(data[cut:])
    assert model.lines()[0] == "é✓"
