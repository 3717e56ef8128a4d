"""What can go wrong between records and published marts, told in French."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import MarelleError


class WarehouseError(MarelleError):
    """The warehouse could not be built or read; the last published figures are untouched."""

    code = "warehouse_error"


class SnapshotMissing(WarehouseError):
    """Nothing was ever published in this MARELLE_HOME."""

    code = "snapshot_missing"


class SnapshotDamaged(WarehouseError):
    """The published file or its pointer cannot be read."""

    code = "snapshot_damaged"


class BuildInProgress(WarehouseError):
    """Another process is building in this MARELLE_HOME."""

    code = "build_in_progress"


class BuildFailed(WarehouseError):
    """A model or a data test failed; nothing was published."""

    code = "build_failed"

    @classmethod
    def of(cls, failed: Sequence[str]) -> BuildFailed:
        """Return the error that names what failed, each with its reason."""
        return cls(
            "Le calcul s'est arrêté et rien n'a été publié : les derniers chiffres restent affichés. "
            f"À transmettre à l'assistance : {'; '.join(failed)}",
            failed=tuple(failed),
        )


class QueryRefused(WarehouseError):
    """A query asked of the published marts is wrong or not a read."""

    code = "query_refused"
