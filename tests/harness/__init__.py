"""What tests share to drive real things: PostgreSQL, processes, a terminal on a pty, Chromium."""
