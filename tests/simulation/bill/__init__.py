"""P9, « the bill follows »: after any history of faults that ends with all terminals drained, lines, CAF hours and
meals equal those of a fault-free run, to the cent, the minute and the meal (F15 of the reliability notes §3.5).

A world is a seed: a school, a leisure centre and a day nursery under the demo town's rules and prices; children
with enrolments, bookings, badges, QF and payers; a week of badges and roll calls. It is lived twice through the
shipped terminals and server of `tests.simulation.week`: without any fault, and under that simulator's faults
until all terminals have sent what they hold. All twins of all worlds are then sites of one records database,
which one `warehouse.build` computes; what it publishes for the two sites of a world must be equal.

What « the same history » means:

- The same people want the same gestures recorded at the same instants; faults change nothing of that.
- A gesture that the screen refused, or during which the power went, is made again a few seconds later, as people
  do; one whose first attempt was kept after all is a double tap, which the anti-bounce absorbs. Whoever takes a
  gesture back takes back all that the screen's list shows of it.
- A gesture and its repetition fall in one minute of the clock, and no child is at two terminals within a minute:
  how far a correct clock may be off (the time an answer takes) is less than what a bill can tell.
- A tap that the product itself holds back or warns of (`doubtful_time`, `revoked_device`, a screen that says that
  its clock is wrong) waits for a person: what it may have changed is left out of the comparison, and counted.
- A tap of a terminal that was off, whose clock stood still meanwhile and which did not meet the server before it
  was off again cannot be dated by anybody: it is such a tap, and the child's days on which it may be made are
  held back by the product (`undated`). Any other tap must be in its own minute.
- Two faults of the week's simulator are not played here: two machines that draw the same chance (one identity for
  two gestures is a conflict that a person settles), and a thrown-away card together with a restored server
  (nobody holds the taps any more).

`python -m tests.simulation.bill --worlds 200` prints the figures of a release in one line.
"""
