"""What `marelle serve dashboards` runs: Streamlit's application of the staff pages, behind their addresses."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboards.addresses import KnownAddresses

app = App(Path(__file__).parent / "main.py", middleware=[Middleware(KnownAddresses)])
