"""Pure view-models: what a page shows, computed from dataclasses, tested without a server."""
