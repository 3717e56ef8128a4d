"""One file a claim: each prints its figures and, last, one JSON object (docs/architecture.md)."""
