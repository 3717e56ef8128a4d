"""Which fault of the test plan (reliability notes §3.5) is drawn by which family; « week » draws them all together.

| plan | family  | what strikes                                                                                  |
|------|---------|-----------------------------------------------------------------------------------------------|
| F1   | crash   | screen and sync processes killed at any instant; the plug pulled                               |
| F4   | crash   | the terminal's disk refuses, tears or loses a tap; the server's disk is full                   |
| F5   | clock   | walls at 1970, ten years on, back by an hour or a day; drift; no battery, nor network; 23, 25 h |
| F6   | network | the same batch two to six times, again hours later, or several sharing one transaction         |
| F8   | network | answers lost, cut, dripping or late; requests cut or slow; portals, proxies, a refused batch   |
| F9   | devices | revoked, enrolled again, as another device, cloned, twinned; a token rolled under way          |
| F11  | restore | the server dies before, within or after its transaction; an older backup is put back           |
| F12  | long    | a summer in a cupboard between last taps and first                                             |

F7 (all orders of six overlapping batches) is `tests/records/test_taps_watermarks.py`; F2, F3, F10, F13 are
`tests/simulation/power` and `tests/unit/terminal`.
"""

SEEDS = {"week": 92, "network": 68, "crash": 68, "restore": 68, "devices": 68, "clock": 68, "long": 68}

# What must have struck at least once among a family's seeds.
STRIKES: dict[str, tuple[str, ...]] = {
    "crash": (
        "screen_killed", "sync_killed", "unplugged", "disk_full", "disk_torn", "disk_unsynced", "disk_cut_before",
        "disk_cut_after", "server_disk_full", "server_down",
    ),
    "clock": (
        "wall_1970", "wall_ten_years_on", "wall_back_an_hour", "wall_back_a_day", "wall_on_an_hour",
        "wall_400_days_on", "drift", "no_battery", "offline_boot", "clock_set_right",
    ),
    "network": (
        "duplicate", "echo", "overlap", "refused", "connect_timeout", "lost_request", "lost_answer", "reset_answer",
        "cut_request", "slow_request", "late", "delay", "truncated", "drip", "poison", "portal_200",
        "portal_json_200", "portal_302", "proxy_400", "proxy_403", "proxy_413", "proxy_502", "error_500",
        "conflict_409", "slow_down_429", "busy_503",
    ),
    "devices": ("revoked", "token_rolled", "another_device", "cloned", "twinned", "reinstalled"),
    "restore": (
        "server_restored", "server_died_before", "server_died_within", "server_died_after", "server_restarted",
    ),
    "long": ("put_away", "refused"),
}  # fmt: skip
STRIKES["week"] = ("server_restored", "revoked", "twinned", "drift", "unplugged", "poison")
# Figures that must not stay at zero, by family: gestures on the two odd Sundays.
FIGURES = {"clock": ("taps on a day of 23 hours", "taps on a day of 25 hours")}
