"""Who asks and who answers in the tests of requests."""

import pytest

from records.actors import Actor
from records.database import Records
from tests.factories.asking import an_asking_family
from tests.factories.people import FamilyRefs, an_account, logged_in


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """A child who eats on booked days alone; two guardians, the first with an account."""
    made = an_asking_family(town)
    an_account(town, "anne", "family", person_ref=made.guardians[0])
    return made


@pytest.fixture
def anne(town: Records, family: FamilyRefs) -> Actor:
    """The first guardian, logged in."""
    return logged_in(town, "anne")


@pytest.fixture
def desk(town: Records) -> Actor:
    """A functional administrator, logged in: they read health and bank details."""
    an_account(town, "claire", "admin_school")
    return logged_in(town, "claire")
