"""Any sequence of changes, with drains anywhere between them, leaves what the rows say and what a rebuild would."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.attribution import rollups
from tests.reports.attribution import recount
from tests.reports.attribution.changing import STARTS, WRITES, World

pytestmark = pytest.mark.django_db
NUMBER = st.integers(0, 40)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    start=st.sampled_from(STARTS),
    changes=st.lists(st.tuples(st.sampled_from([*WRITES, "drain"]), NUMBER, NUMBER), min_size=5, max_size=40),
)
def test_any_changes_leave_what_a_rebuild_would(start, changes):
    with transaction.atomic():
        world = World(start)
        for name, a, b in changes:
            rollups.drain() if name == "drain" else getattr(world, name)(a, b)
        rollups.drain()
        recount.check()
        assert rollups.rebuild() == []
        transaction.set_rollback(True)
