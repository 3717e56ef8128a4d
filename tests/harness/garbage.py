"""The garbage collector of a process that plays tests: short-lived, much imported, with few cycles to find."""

import gc

# Young objects are looked through every 700 allocations by default: a tenth of the time of tests, for nothing.
YOUNG, MIDDLE, OLD = 50_000, 20, 50


def collect_rarely() -> None:
    """Spare the collector what lives as long as the process, and let it look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
