"""Leads, their touches and where they stand."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Agency, Lead, StaleMark, Touch
from tests.factories import CampaignFactory, LeadFactory, PlatformFactory, SaleFactory, TouchFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def a_lead(**fields: object) -> dict[str, object]:
    return {"name": "Maison Dupré", "received_at": "2026-11-18T09:30", "status": "new", **fields}


def test_a_new_lead_has_its_first_touch_and_its_status_recorded(signed_in, manager):
    linkedin, campaign = PlatformFactory(), CampaignFactory()
    sent = a_lead(platform=linkedin.pk, campaign=campaign.pk, status="qualified")
    signed_in.post(reverse("campaigns:lead_add"), sent)
    lead = Lead.objects.get()
    assert lead.received_at == datetime(2026, 11, 18, 8, 30, tzinfo=UTC)  # 09:30 in Paris
    assert lead.qualified_at == NOW
    touch = lead.touches.get()
    assert (touch.at, touch.platform, touch.campaign) == (lead.received_at, linkedin, campaign)
    change = lead.status_changes.get()
    assert (change.before, change.after, change.by) == ("new", "qualified", manager)


def test_a_lead_of_unknown_origin_has_no_touch(signed_in):
    signed_in.post(reverse("campaigns:lead_add"), a_lead())
    lead = Lead.objects.get()
    assert not lead.touches.exists()
    assert not lead.status_changes.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"received_at": ""}, "received_at"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"received_at": "2026-11-23T09:00"}, "received_at"),
        ({"email": "not an address"}, "email"),
        ({"name": "x" * 161}, "name"),
        ({"name": "\x00"}, "name"),
        ({"status": "disqualified"}, "disqualified_reason"),
        ({"status": "disqualified", "disqualified_reason": "bored"}, "disqualified_reason"),
        ({"status": "sleeping"}, "status"),
        ({"platform": "zz"}, "platform"),
        ({"platform": "9" * 40}, "platform"),
        ({"campaign": "-1"}, "campaign"),
        ({"external_id": "taken"}, "external_id"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(signed_in, sent, field):
    LeadFactory(external_id="taken")
    response = signed_in.post(reverse("campaigns:lead_add"), a_lead(company="Kept Company", **sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Kept Company" in response.content.decode()
    assert Lead.objects.count() == 1


def test_a_reason_left_from_before_does_not_stay_with_a_qualified_lead(signed_in):
    signed_in.post(reverse("campaigns:lead_add"), a_lead(status="qualified", disqualified_reason="spam"))
    assert Lead.objects.get().disqualified_reason == ""


def test_two_leads_without_external_id_are_two_leads(signed_in):
    for _ in range(2):
        signed_in.post(reverse("campaigns:lead_add"), a_lead(external_id=""))
    assert list(Lead.objects.values_list("external_id", flat=True)) == [None, None]


def test_editing_a_lead_keeps_the_seconds_that_were_recorded(signed_in):
    exact = datetime(2026, 10, 25, 0, 30, 17, tzinfo=UTC)  # in Paris an hour that comes twice
    lead = LeadFactory(received_at=exact)
    url = reverse("campaigns:lead_edit", args=[lead.pk])
    signed_in.post(url, {"name": "Renamed", "received_at": "2026-10-25T02:30"})
    lead.refresh_from_db()
    assert (lead.name, lead.received_at) == ("Renamed", exact)
    signed_in.post(url, {"name": "Renamed", "received_at": "2026-10-26T02:30"})
    lead.refresh_from_db()
    assert lead.received_at == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_editing_a_lead_does_not_touch_its_status(signed_in):
    lead = LeadFactory(status="won", qualified_at=NOW)
    sent = {"name": "N", "received_at": "2026-11-17T10:00", "status": "new"}
    signed_in.post(reverse("campaigns:lead_edit", args=[lead.pk]), sent)
    lead.refresh_from_db()
    assert (lead.name, lead.status, lead.qualified_at) == ("N", "won", NOW)


def change(client, lead: Lead, status: str, reason: str = ""):
    sent = {"status-status": status, "status-disqualified_reason": reason}
    return client.post(reverse("campaigns:lead_status", args=[lead.pk]), sent)


def test_every_change_of_status_leaves_its_record(signed_in, manager):
    lead = LeadFactory()
    change(signed_in, lead, "qualified")
    change(signed_in, lead, "qualified")
    change(signed_in, lead, "disqualified", "cannot_afford")
    lead.refresh_from_db()
    assert (lead.status, lead.disqualified_reason, lead.qualified_at) == ("disqualified", "cannot_afford", None)
    recorded = lead.status_changes.values_list("before", "after", "reason", "by")
    assert list(recorded) == [
        ("new", "qualified", "", manager.pk),
        ("qualified", "disqualified", "cannot_afford", manager.pk),
    ]
    assert "Cannot afford it" in signed_in.get(lead.get_absolute_url()).content.decode()


def test_a_lead_is_not_disqualified_without_a_reason(signed_in):
    lead = LeadFactory()
    response = change(signed_in, lead, "disqualified")
    assert response.status_code == 422
    assert "Say why this lead was disqualified." in response.content.decode()
    lead.refresh_from_db()
    assert lead.status == "new"


def add_touch(client, lead: Lead, **fields: object):
    sent = {f"touch-{name}": value for name, value in {"at": "2026-11-10T10:00", **fields}.items()}
    return client.post(reverse("campaigns:touch_add", args=[lead.pk]), sent)


def test_a_touch_is_added_voided_and_counted_again_but_never_edited(signed_in):
    lead, platform = LeadFactory(), PlatformFactory()
    add_touch(signed_in, lead, platform=platform.pk)
    touch = Touch.objects.get()
    assert (touch.lead, touch.platform, touch.at) == (lead, platform, datetime(2026, 11, 10, 9, tzinfo=UTC))
    signed_in.post(reverse("campaigns:touch_void", args=[touch.pk]))
    assert not Touch.objects.live().exists()
    signed_in.post(reverse("campaigns:touch_restore", args=[touch.pk]))
    assert Touch.objects.live().exists()


def test_a_touch_still_to_come_is_refused_and_what_was_typed_is_kept(signed_in):
    response = add_touch(signed_in, LeadFactory(), at="2026-11-25T10:00")
    assert response.status_code == 422
    text = response.content.decode()
    assert "This is in the future." in text
    assert 'value="2026-11-25T10:00"' in text
    assert not Touch.objects.exists()


def test_a_direct_touch_has_no_platform(signed_in):
    lead = LeadFactory()
    add_touch(signed_in, lead)
    assert Touch.objects.get().platform is None
    assert "Direct" in signed_in.get(lead.get_absolute_url()).content.decode()


def test_an_inactive_platform_is_not_offered_for_a_new_touch(signed_in):
    lead = LeadFactory()
    response = add_touch(signed_in, lead, platform=PlatformFactory(is_active=False).pk)
    assert response.status_code == 422


def test_a_voided_lead_says_so_and_can_count_again(signed_in):
    lead = LeadFactory()
    signed_in.post(reverse("campaigns:lead_void", args=[lead.pk]), {"reason": "a test"})
    lead.refresh_from_db()
    assert (lead.voided_at, lead.void_reason) == (NOW, "a test")
    assert "a test" in signed_in.get(lead.get_absolute_url()).content.decode()
    signed_in.post(reverse("campaigns:lead_restore", args=[lead.pk]))
    lead.refresh_from_db()
    assert not lead.is_void


def test_voiding_twice_keeps_the_first_reason(signed_in):
    lead = LeadFactory()
    for reason in ("first", "second"):
        signed_in.post(reverse("campaigns:lead_void", args=[lead.pk]), {"reason": reason})
    lead.refresh_from_db()
    assert lead.void_reason == "first"


def test_a_reason_that_is_too_long_is_refused(signed_in):
    lead = LeadFactory()
    response = signed_in.post(reverse("campaigns:lead_void", args=[lead.pk]), {"reason": "x" * 201})
    assert response.status_code == 422
    lead.refresh_from_db()
    assert not lead.is_void


def test_what_is_voided_is_marked_to_be_recomputed(signed_in):
    lead = LeadFactory()
    StaleMark.objects.all().delete()
    signed_in.post(reverse("campaigns:lead_void", args=[lead.pk]))
    assert StaleMark.objects.filter(lead_id=lead.pk).exists()


def test_a_page_of_a_lead_shows_all_that_happened(signed_in):
    lead = LeadFactory(name="Maison Dupré")
    TouchFactory(lead=lead, platform=PlatformFactory(name="LinkedIn"), at=datetime(2026, 11, 3, 9, tzinfo=UTC))
    SaleFactory(lead=lead, description="A site")
    text = signed_in.get(lead.get_absolute_url()).content.decode()
    assert text.index("LinkedIn</a>") < text.index("14 days later") < text.index("Asked") < text.index("A site")


def test_somebody_must_be_known_of_a_lead(signed_in):
    response = signed_in.post(reverse("campaigns:lead_add"), a_lead(name="", note="met at the fair"))
    assert list(response.context["form"].errors) == ["name"]
    signed_in.post(reverse("campaigns:lead_add"), a_lead(name="", company="Dupré"))
    assert str(Lead.objects.get()) == "Dupré"


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_of_a_lead_asks_as_much_for_many_touches_as_for_one(signed_in, django_assert_num_queries, count):
    Agency.current()
    lead = LeadFactory()
    for _ in range(count):
        TouchFactory(lead=lead, campaign=CampaignFactory())
        SaleFactory(lead=lead)
    with django_assert_num_queries(10):
        signed_in.get(lead.get_absolute_url())


def test_leads_are_offered_while_one_types(signed_in):
    lead = LeadFactory(name="Maison Dupré", company="Dupré & <Fils>")
    LeadFactory(name="Roy")
    text = signed_in.get(reverse("campaigns:lead_options"), {"lead": "dupr"}).content.decode()
    assert f'value="Maison Dupré #{lead.pk}"' in text
    assert "&lt;Fils&gt;" in text
    assert "Roy" not in text
    assert signed_in.get(reverse("campaigns:lead_options"), {"lead": "\x00"}).content.decode().strip() == ""


def test_names_are_escaped_everywhere(signed_in):
    lead = LeadFactory(name="<script>alert(1)</script>", note="<b>x</b>")
    text = signed_in.get(lead.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
