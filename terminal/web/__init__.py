"""The same terminal in a tablet's browser, served from this machine alone."""

from terminal.web.server import serve

__all__ = ["serve"]
