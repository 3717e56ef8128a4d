"""Running everything on one machine: child processes that are watched, restarted and stopped together."""
