"""The system of record: everything a town knows, as immutable facts, dated versions and audited edits."""
