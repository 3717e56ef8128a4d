"""The demo town: a deterministic, believable and entirely fictional collectivity, made through the real doors."""
