"""Sending taps and fetching the roster: one process a terminal, which shares only the outbox with the screens."""
