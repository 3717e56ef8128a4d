"""The funds that a family may depend on, by the code of the State's table of their groups (CAF notes §5)."""

from __future__ import annotations

# Codes are the last name of the parameters `caf.regimes.…`; a town may use others, whose group it says.
REGIME_WORDS = {
    "general": "Régime général",
    "msa": "Régime agricole (MSA)",
    "fonction_publique": "Fonction publique",
    "edf_gdf": "Industries électriques et gazières",
    "ratp": "RATP",
    "rsi": "Indépendants (ancien RSI)",
    "sncf": "SNCF",
    "maritime": "Pêche maritime",
    "marins": "Marins du commerce",
}
GROUP_WORDS = {"RG": "Régime général", "MSA": "MSA", "AUTRE": "Autre régime"}
_GROUPS = {1: "RG", 2: "MSA", 3: "AUTRE"}


def group_named(value: int) -> str:
    """Return the group of a value of the State's table."""
    return _GROUPS[value]
