"""Whatever happened, credits computed all at once are those of the plain way, lead by lead (`plain_credits`)."""

from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import erasure, merge_leads
from campaigns.models import ErasureReason, Lead, LeadMerge, Sale
from reports.attribution import credits, rollups
from reports.models import Credit
from tests.reports.attribution.changing import STARTS, WRITES, World, some
from tests.reports.attribution.plain_credits import all_credits, stored_credits
from timesheets.models import User

pytestmark = pytest.mark.django_db
NUMBER = st.integers(0, 40)


class WorldOfLeads(World):
    """Whose leads turn out to be one person, or two after all, and are erased."""

    def merge_leads(self, a: int, b: int) -> None:
        survivor, merged = some(Lead, a), some(Lead, b)
        if not LeadMerge.objects.filter(merged=merged).exists():
            with suppress(merge_leads.LeadMergeRefused):
                merge_leads.merge(survivor_id=survivor.pk, merged_id=merged.pk, by=some(User, b), at=self._at(18))

    def split_leads(self, a: int, b: int) -> None:
        if record := some(LeadMerge, a):
            with suppress(merge_leads.LeadMergeRefused):
                merge_leads.split(record, by=some(User, b))

    def erase_lead(self, a: int, b: int) -> None:
        erasure.erase([some(Lead, a)], at=self._at(18), why=ErasureReason.REQUEST)

    def delete_lead(self, a: int, b: int) -> None:
        if not LeadMerge.objects.exists():
            super().delete_lead(a, b)


OTHERS = ("hours", "minutes", "rate", "spend", "drop", "delete")
OF_LEADS = [name for name in vars(WorldOfLeads) if not name.startswith("_") and name != "delete_lead"]
NAMES = [
    *(name for name in WRITES if not any(word in name for word in OTHERS)),
    *OF_LEADS,
    "delete_touch",
    "delete_sale",
]
CHANGES = st.lists(
    st.tuples(st.sampled_from([*NAMES, "delete_lead", "add_touch", "change_rules"]), NUMBER, NUMBER), max_size=40
)


def everything() -> dict[str, list[int]]:
    tables = (("lead_ids", Lead), ("sale_ids", Sale))
    return {name: list(table.objects.values_list("pk", flat=True)) for name, table in tables}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(start=st.sampled_from(STARTS), changes=CHANGES)
def test_all_at_once_are_those_of_the_plain_way(start, changes):
    with transaction.atomic():
        world = WorldOfLeads(start)
        for name, a, b in changes:
            getattr(world, name)(a, b)
        credits.recompute(**everything())
        assert stored_credits() == all_credits()
        rows = set(Credit.objects.values_list())
        assert credits.recompute(**everything()) == set()
        assert set(Credit.objects.values_list()) == rows
        for name, a, b in changes[::2]:
            getattr(world, name)(b, a)
        rollups.drain()  # of those alone that were marked
        assert stored_credits() == all_credits()
        transaction.set_rollback(True)
