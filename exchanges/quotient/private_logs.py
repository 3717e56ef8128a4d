"""Identities travel in the addresses of the questions: no log may repeat an address with its query."""

from __future__ import annotations

import logging

import httpx

_PATHS = ("/v3/dss/",)


class WithoutQueries(logging.Filter):
    """Take the query out of every address of API Particulier that a record tells."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(_bare(each) for each in record.args)
        return True


def keep_logs_private() -> None:
    """Filter what httpx tells of its requests, once for the process."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(each, WithoutQueries) for each in logger.filters):
        logger.addFilter(WithoutQueries())


def _bare(value: object) -> object:
    if isinstance(value, httpx.URL) and value.path.startswith(_PATHS):
        return value.copy_with(query=None)
    return value
