"""Power cuts, kills, refusing disks and damaged files under the shipped outbox and the shipped records.

A window on the disk (`shim/`, preloaded) logs every file operation of real processes; `disk.py` says what a disk
may hold after a cut at any point of that log; the shipped code then starts on it and the checkers judge
(reliability notes §3.5: F1, F2, F3, F4, F10). `python -m tests.simulation.power.soak` runs on for hours.
"""
