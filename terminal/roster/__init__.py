"""What the terminal knows of its place: children, badges, services, agents; usable offline for weeks."""
