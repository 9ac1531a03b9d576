"""Two workers write the clicks of two links of one platform and campaign at the same time."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction

from campaigns.links import clicks
from campaigns.models import Outcome, TrackingLink
from tests import factories
from tests.reports.attribution.test_drain_interleaved import Other

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 11, 18)


@pytest.fixture
def other() -> Iterator[Other]:
    worker = Other()
    yield worker
    worker.leave()


@pytest.fixture
def links() -> tuple[TrackingLink, TrackingLink]:
    first = factories.TrackingLinkFactory()
    return first, factories.TrackingLinkFactory(platform=first.platform, campaign=first.campaign)


def write(link: TrackingLink, count: int) -> None:
    counter = clicks.ClickCounter(None)
    counter._waiting = Counter({(link.pk, DAY): count})
    counter.write()
    assert not counter._waiting


@pytest.mark.parametrize("is_first", [True, False], ids=["the first of the week", "a later one"])
def test_the_outcome_is_the_sum_of_both(links, other, is_first):
    first, second = links
    before = 0 if is_first else 1
    if before:
        write(first, before)
    with transaction.atomic():
        write(first, 2)
        other.begin(lambda: write(second, 4))
        assert other.is_held()
    other.finish()
    assert Outcome.objects.get().count == before + 6
