"""The API of terminals: enrolment, rosters, taps. Thin: what is kept, and how, is in `records.operations`."""
