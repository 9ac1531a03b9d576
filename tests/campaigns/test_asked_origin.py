"""What leads answered when asked, beside where they were tracked; where the two disagree is a figure."""

import pytest

from campaigns import asked_origin
from campaigns.asked_origin import Agreement, AgreementCounts
from campaigns.models import Lead
from tests.factories import LeadFactory, PlatformFactory, TouchFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def places():
    linkedin, fair = PlatformFactory(name="LinkedIn"), PlatformFactory(name="Events")
    linkedin.aliases.create(text="li")
    fair.aliases.create(text="trade fair")
    return linkedin, fair


@pytest.fixture
def asked(places):
    """One lead of each standing, by it, and some that nobody asked."""
    linkedin, fair = places

    def lead(answer, *platforms):
        found = LeadFactory(how_heard=answer)
        for platform in platforms:
            TouchFactory(lead=found, platform=platform)
        return found

    lead("", linkedin)
    return {
        Agreement.AGREES: [lead("LINKEDIN", linkedin), lead("li", fair, linkedin)],
        Agreement.DIFFERS: [lead("Trade  Fair", linkedin)],
        Agreement.ALONE: [lead("linkedin"), lead("linkedin", None)],
        Agreement.UNKNOWN: [lead("my sister", linkedin), lead("I saw you on LinkedIn", fair)],
    }


def test_each_answer_stands_as_it_does(asked):
    conditions = asked_origin.conditions()
    for standing, leads in asked.items():
        assert set(Lead.objects.filter(conditions[standing])) == set(leads), standing
        assert {asked_origin.agreement_of(lead) for lead in leads} == {standing}
    assert asked_origin.agreement_of(LeadFactory()) is None


def test_where_the_two_disagree_is_a_figure(asked):
    assert asked_origin.counts(Lead.objects.all()) == AgreementCounts(answered=7, compared=3, differing=1)


def test_a_touchpoint_that_was_voided_tracked_nothing(places):
    lead = LeadFactory(how_heard="linkedin")
    TouchFactory(lead=lead, platform=places[1], voided_at=lead.received_at)
    assert asked_origin.agreement_of(lead) == Agreement.ALONE
    assert lead in Lead.objects.filter(asked_origin.conditions()[Agreement.ALONE])


def test_nobody_asked_is_no_figure(client, manager):
    LeadFactory()
    assert asked_origin.counts(Lead.objects.all()) is None
    client.force_login(manager)
    assert "answered" not in client.get("/leads/").content.decode()


def test_the_list_says_the_figure_and_leads_to_its_leads(asked, client, manager):
    client.force_login(manager)
    page = " ".join(client.get("/leads/").content.decode().split())
    assert "7 answered, 3 with a platform that can be compared" in page
    [differing] = asked[Agreement.DIFFERS]
    shown = client.get("/leads/?asked=differs").context["listed"].page.object_list
    assert list(shown) == [differing]
    assert "Another platform than tracked" in client.get(differing.get_absolute_url()).content.decode()


def test_the_answer_stands_on_the_form(client, manager):
    client.force_login(manager)
    sent = {"name": "Ada", "received_at": "2026-11-18T09:00", "how_heard": "A friend", "status": "new"}
    client.post("/leads/add/", sent)
    assert Lead.objects.get().how_heard == "A friend"
