"""The Filoué file: one row per child of an early-childhood place whose family agrees (CAF notes §3.3)."""
