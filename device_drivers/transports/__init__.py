"""Bytes only: serial lines and loopback sockets. What the bytes mean is for nfc/, serial/ and simulated/."""
