"""The tables of an outbox. Tap content never changes; only its state towards the server does."""

from __future__ import annotations

SCHEMA_VERSION = 2

STATEMENTS = (
    # `body` is the tap's JSON as it travels; `crc` is its CRC-32, because SQLite has no checksum of its own.
    """CREATE TABLE tap (
        position INTEGER PRIMARY KEY,
        tap_id TEXT NOT NULL UNIQUE,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        crc INTEGER NOT NULL,
        occurred_at INTEGER NOT NULL,
        kept_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'acked', 'parked', 'void')),
        settled_at INTEGER,
        note TEXT,
        UNIQUE (epoch, seq)
    ) STRICT""",
    "CREATE INDEX tap_pending ON tap (epoch, seq) WHERE state = 'pending'",
    "CREATE INDEX tap_parked ON tap (epoch, seq) WHERE state = 'parked'",
    "CREATE INDEX tap_acked ON tap (epoch, seq) WHERE state = 'acked'",
    "CREATE INDEX tap_time ON tap (occurred_at)",
    """CREATE TRIGGER tap_content_is_immutable BEFORE UPDATE OF tap_id, epoch, seq, body, crc, occurred_at ON tap
        BEGIN SELECT raise(ABORT, 'the content of a tap never changes'); END""",
    # Counting 200 000 rows at each tap would be felt: triggers keep the counts.
    "CREATE TABLE tally (state TEXT PRIMARY KEY, taps INTEGER NOT NULL) STRICT",
    "INSERT INTO tally VALUES ('pending', 0), ('acked', 0), ('parked', 0), ('void', 0)",
    """CREATE TRIGGER tally_insert AFTER INSERT ON tap
        BEGIN UPDATE tally SET taps = taps + 1 WHERE state = NEW.state; END""",
    """CREATE TRIGGER tally_delete AFTER DELETE ON tap
        BEGIN UPDATE tally SET taps = taps - 1 WHERE state = OLD.state; END""",
    """CREATE TRIGGER tally_update AFTER UPDATE OF state ON tap WHEN OLD.state <> NEW.state
        BEGIN UPDATE tally SET taps = taps - 1 WHERE state = OLD.state;
              UPDATE tally SET taps = taps + 1 WHERE state = NEW.state; END""",
    # Taps that a screen showed red though one copy may have reached the disk: never offered.
    "CREATE TABLE void_tap (tap_id TEXT PRIMARY KEY) STRICT",
    # Journals whose every frame is known to be in `tap`: a start trusts them while neither the file nor the number
    # of rows has changed. `last_seq` is how far the epoch went: should its end be lost everywhere, it is a hole.
    """CREATE TABLE journal_seal (epoch TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, crc INTEGER NOT NULL,
        taps INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0) STRICT""",
    # Epochs emptied after the retention delay, so that a left-over journal never brings taps back.
    "CREATE TABLE purged_epoch (epoch TEXT PRIMARY KEY, purged_at INTEGER NOT NULL) STRICT",
    # What could not be placed (same epoch and seq, other content): kept for a person, never sent.
    """CREATE TABLE misfit (tap_id TEXT PRIMARY KEY, body BLOB NOT NULL, reason TEXT NOT NULL,
        found_at INTEGER NOT NULL) STRICT""",
    "CREATE TABLE recovery (recovered_at INTEGER PRIMARY KEY, report TEXT NOT NULL) STRICT",
    """CREATE TABLE sync_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        enrolled INTEGER NOT NULL, device_label TEXT NOT NULL,
        reachable INTEGER NOT NULL, last_attempt_at INTEGER, last_success_at INTEGER,
        needs_enrolment INTEGER NOT NULL, revoked INTEGER NOT NULL,
        server_time INTEGER, wall_at INTEGER, mono_ms INTEGER, boot_id TEXT,
        roster_version TEXT, roster_at INTEGER, message TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE enrolment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        code TEXT NOT NULL, asked_at INTEGER NOT NULL, outcome TEXT, message TEXT NOT NULL
    ) STRICT""",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

# At place n, what brings a database of version n to the next one.
UPGRADES: tuple[tuple[str, ...], ...] = (
    (),
    (
        "ALTER TABLE journal_seal ADD COLUMN taps INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE journal_seal ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0",
    ),
)
