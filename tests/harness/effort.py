"""How hard the fuzzing tries: little in `make test`, a hundred times as much with `--hypothesis-profile=deep`."""

import hypothesis

ORDINARY, DEEP = "ci", "deep"
_ORDINARY_EXAMPLES, _DEEP_EXAMPLES = 100, 10_000


def register_profiles() -> None:
    """Name the two efforts to Hypothesis and choose the ordinary one; `--hypothesis-profile` may choose again."""
    # No deadline: two workers share two cores. A failure prints what reproduces it.
    hypothesis.settings.register_profile(
        ORDINARY, deadline=None, print_blob=True, max_examples=_ORDINARY_EXAMPLES, derandomize=False
    )
    hypothesis.settings.register_profile(
        DEEP, hypothesis.settings.get_profile(ORDINARY), max_examples=_DEEP_EXAMPLES
    )
    hypothesis.settings.load_profile(ORDINARY)


def examples(ordinary: int) -> int:
    """Return how many examples a costly test tries now, given how many it tries in `make test`."""
    chosen = hypothesis.settings.default
    assert chosen is not None, "a profile is always loaded"
    return ordinary * chosen.max_examples // _ORDINARY_EXAMPLES
