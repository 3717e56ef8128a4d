"""A school week under faults: real terminals, the real API and real databases, in virtual time on a virtual
network.

Shipped code does all the work: the outboxes on disk, `SyncEngine.step`, the FastAPI application, `TapStore` on
SQLite.
The simulator owns the clocks, the network, chance, and who dies when. Everything follows from a seed named
`family.number`; one seed is replayed by `python -m tests.simulation.week week.17`.

First come the faults, while the checkers watch (safety: S1 to S9 of the reliability notes §3.5), then
everything heals and
the same checkers ask for the end that was promised (liveness: L1 to L3). Checkers read the databases by themselves;
they share nothing with the workload but the ledger of what people saw on the screens.
"""
