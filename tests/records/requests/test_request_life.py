"""The life of requests against a model: asked, overtaken, accepted, refused, withdrawn, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from domain.errors import Conflict, InvalidData
from records.actors import SETUP
from records.database import Records
from records.operations.family_edits import edit_person
from records.operations.request_desk import RequestAnswer, answer_request, pending_requests, read_request
from records.operations.requests import my_requests, withdraw_request
from tests.factories.asking import accept, ask_mail, email_of, version_of
from tests.factories.people import a_family, an_account, logged_in
from tests.harness.effort import examples

MAILS = st.sampled_from(["un@exemple.fr", "deux@exemple.fr", "trois@exemple.fr"])
PICK = st.integers(0, 2**16)
NAMES = count()


@dataclass
class Asked:
    """What the model knows of a request."""

    wanted: str
    version: int
    state: str = "pending"


class RequestMachine(RuleBasedStateMachine):
    """One family and one desk; the model holds the mail address, its row's version and each request's state."""

    def __init__(self, records: Records) -> None:
        super().__init__()
        self.records = records
        login = f"famille-{next(NAMES)}"
        self.family = a_family(records, f"Essai {login}")
        an_account(records, login, "family", person_ref=self.family.guardians[0])
        self.parent = logged_in(records, login)
        self.mail: str | None = None
        self.version = 1
        self.asked: dict[str, Asked] = {}

    def pick(self, number: int) -> tuple[str, Asked]:
        """Return one of the requests, whatever its state."""
        return list(self.asked.items())[number % len(self.asked)]

    def write(self, mail: str) -> None:
        """Change the model as the record changes."""
        if mail != self.mail:
            self.mail, self.version = mail, self.version + 1

    @rule(mail=MAILS)
    def the_family_asks(self, mail: str) -> None:
        if mail == self.mail:
            with pytest.raises(InvalidData, match="ne change rien"):
                ask_mail(self.records, self.parent, self.family, mail)
            return
        receipt = ask_mail(self.records, self.parent, self.family, mail)
        self.asked[receipt.ref] = Asked(mail, self.version)

    @rule(mail=MAILS)
    def the_desk_edits_the_file(self, mail: str) -> None:
        edit_person(self.records, SETUP, self.family.guardians[0], {"email": mail}, self.version)
        self.write(mail)

    @precondition(lambda self: self.asked)
    @rule(number=PICK)
    def the_desk_accepts(self, number: int) -> None:
        ref, asked = self.pick(number)
        if asked.state != "pending" or asked.version != self.version:
            with pytest.raises(Conflict):
                answer_request(self.records, SETUP, accept(ref))
            return
        answer_request(self.records, SETUP, accept(ref))
        asked.state = "accepted"
        self.write(asked.wanted)

    @precondition(lambda self: self.asked)
    @rule(number=PICK)
    def the_desk_compares_and_accepts_over_a_conflict(self, number: int) -> None:
        ref, asked = self.pick(number)
        view = read_request(self.records, SETUP, ref)
        assert view.is_conflict == (asked.state == "pending" and asked.version != self.version)
        assert [(each.now, each.new) for each in view.changes] == [(self.mail, asked.wanted)]
        answer = accept(ref, over=view.mark, reason="Vu avec la famille")
        if asked.state != "pending":
            with pytest.raises(Conflict):
                answer_request(self.records, SETUP, answer)
            return
        answer_request(self.records, SETUP, answer)
        asked.state = "accepted"
        self.write(asked.wanted)

    @precondition(lambda self: self.asked)
    @rule(number=PICK)
    def the_desk_refuses(self, number: int) -> None:
        ref, asked = self.pick(number)
        answer = RequestAnswer(ref, "refuse", "Illisible")
        if asked.state != "pending":
            with pytest.raises(Conflict):
                answer_request(self.records, SETUP, answer)
            return
        answer_request(self.records, SETUP, answer)
        asked.state = "refused"

    @precondition(lambda self: self.asked)
    @rule(number=PICK)
    def the_family_withdraws(self, number: int) -> None:
        ref, asked = self.pick(number)
        if asked.state != "pending":
            with pytest.raises(Conflict):
                withdraw_request(self.records, self.parent, ref)
            return
        withdraw_request(self.records, self.parent, ref)
        asked.state = "withdrawn"

    @invariant()
    def the_record_holds_what_was_accepted_or_typed_and_nothing_else(self) -> None:
        assert email_of(self.records, self.family.guardians[0]) == self.mail
        assert version_of(self.records, self.family.guardians[0]) == self.version

    @invariant()
    def each_request_is_where_the_model_says(self) -> None:
        told = {each.ref: each.state for each in my_requests(self.records, self.parent, self.family.ref)}
        assert told == {ref: asked.state for ref, asked in self.asked.items()}
        waiting = {each.ref for each in pending_requests(self.records, SETUP, "representative").lines}
        assert waiting >= {ref for ref, asked in self.asked.items() if asked.state == "pending"}
        assert not waiting & {ref for ref, asked in self.asked.items() if asked.state != "pending"}

    def teardown(self) -> None:
        """Answer what waits: the desk's first page is the next example's."""
        for ref, asked in self.asked.items():
            if asked.state == "pending":
                withdraw_request(self.records, self.parent, ref)


@pytest.mark.fuzz
def test_a_request_is_decided_once_and_the_record_follows_the_decisions(town: Records) -> None:
    run_state_machine_as_test(
        partial(RequestMachine, town),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(10),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
