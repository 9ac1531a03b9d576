"""Many leads by one act: a status, a platform, and the way back, row by row."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns import lead_moves, retention
from campaigns.lead_moves import MOST_LEADS, STANDINGS, LeadStanding, SeenLead
from campaigns.models import BulkChange, Lead, StaleMark, StatusChange, Touch
from tests.factories import LeadFactory, PlatformFactory, SaleFactory, TouchFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=40)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def seen(*leads: Lead) -> list[str]:
    return [f"{lead.pk}:{LeadStanding.of(lead)}" for lead in leads]


def send(client, leads: list[str], **sent: object):
    return client.post(reverse("campaigns:leads_move"), {"lead": leads, **sent}, follow=True)


def undo(client):
    return client.post(reverse("campaigns:leads_undo", args=[BulkChange.objects.latest("pk").pk]), follow=True)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def standings() -> list[str]:
    return [str(LeadStanding.of(lead)) for lead in Lead.objects.order_by("pk")]


def test_a_standing_is_read_as_it_is_written():
    assert all(LeadStanding.parse(str(standing)) == standing for standing in STANDINGS)
    for text in ("", "disqualified", "new:spam", "sleeping", "disqualified:bored", "new:"):
        assert LeadStanding.parse(text) is None


@pytest.mark.parametrize("text", ["", "x:new", "12", "12:", "-1:new", "²:new", "1:won:spam", f"{'9' * 40}:new"])
def test_what_is_no_lead_of_a_page_is_none(text):
    assert SeenLead.parse(text) is None


def test_leads_that_were_chosen_get_their_status_with_their_record(signed_in, manager):
    leads = [LeadFactory(), LeadFactory(status="lost")]
    StaleMark.objects.all().delete()
    response = send(signed_in, seen(*leads), to="qualified", query="status=new&when=month")
    assert response.redirect_chain == [(reverse("campaigns:leads") + "?status=new&when=month", 302)]
    assert said(response) == ["2 leads are now: Qualified."]
    assert standings() == ["qualified", "qualified"]
    assert [lead.qualified_at for lead in Lead.objects.all()] == [NOW, NOW]
    recorded = StatusChange.objects.order_by("lead_id").values_list("before", "after", "at", "by")
    assert list(recorded) == [("new", "qualified", NOW, manager.pk), ("lost", "qualified", NOW, manager.pk)]
    assert set(StaleMark.objects.values_list("lead_id", flat=True)) == {lead.pk for lead in leads}


def test_a_reason_goes_with_the_status(signed_in):
    send(signed_in, seen(LeadFactory(status="qualified", qualified_at=BEFORE)), to="disqualified:cannot_afford")
    lead = Lead.objects.get()
    assert (str(LeadStanding.of(lead)), lead.qualified_at) == ("disqualified:cannot_afford", None)
    assert lead.status_changes.get().reason == "cannot_afford"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"to": "disqualified"}, "Say which of the reasons"),
        ({"to": "sleeping"}, "Choose a status or a platform."),
        ({}, "Choose a status or a platform."),
        ({"to": "won"}, "Won asks for amount and day, one lead at a time"),
        ({"platform": ""}, "Choose one of the platforms that are in use."),
        ({"platform": "9" * 40}, "Choose one of the platforms that are in use."),
        ({"platform": "\x00"}, "Choose one of the platforms that are in use."),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_changes_nothing(signed_in, sent, sentence):
    response = send(signed_in, seen(LeadFactory(), LeadFactory()), **sent)
    assert said(response)[0].startswith(sentence)
    assert said(response)[0].endswith("othing was changed.")
    assert standings() == ["new", "new"]
    assert not BulkChange.objects.exists()


@pytest.mark.parametrize(
    ("leads", "sentence"),
    [
        ([], "Choose one lead or more first"),
        (["12:sleeping"], "The page was too old"),
        (["1:new\x00"], "The page was too old"),
        ([f"{number}:new" for number in range(MOST_LEADS + 1)], "That is more than 200 leads at once."),
        (["99999:new"], "These leads are no longer here."),
    ],
    ids=["none", "no status", "a null byte", "too many", "gone"],
)
def test_leads_that_cannot_be_meant_are_said(signed_in, leads, sentence):
    assert said(send(signed_in, leads, to="qualified"))[0].startswith(sentence)


def test_a_platform_that_is_not_in_use_is_not_given(signed_in):
    send(signed_in, seen(LeadFactory()), platform=PlatformFactory(is_active=False).pk)
    assert not Touch.objects.exists()


def test_a_lead_that_changed_since_it_was_shown_is_left_and_named(signed_in):
    stale, fresh = LeadFactory(name="Maison Dupré"), LeadFactory(name="Roy")
    shown = seen(stale, fresh)
    stale.move_to("lost", at=BEFORE)
    response = send(signed_in, shown, to="qualified")
    assert standings() == ["lost", "qualified"]
    assert said(response) == [
        "1 lead is now: Qualified.",
        "1 lead was left, since somebody changed it after this page was shown: Maison Dupré (Lost).",
    ]


def test_one_lead_that_is_won_asks_for_its_sale_and_goes_back_to_the_board(signed_in):
    lead = LeadFactory(name="Roy")
    response = send(signed_in, seen(lead), to="won", page="board")
    assert "Roy was won: what did they buy?" in response.content.decode()
    assert f'href="{reverse("campaigns:leads_board")}"' in response.content.decode()
    assert standings() == ["won"]


def test_the_board_is_sent_to_the_sale_as_a_whole_page(signed_in):
    sent = {"lead": seen(LeadFactory()), "to": "won", "page": "board"}
    response = signed_in.post(reverse("campaigns:leads_move"), sent, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith(reverse("campaigns:sale_add"))


class TestUndo:
    def test_it_puts_back_status_reason_and_when_it_qualified(self, signed_in):
        leads = [
            LeadFactory(),
            LeadFactory(status="qualified", qualified_at=BEFORE),
            LeadFactory(status="disqualified", disqualified_reason="spam"),
        ]
        page = send(signed_in, seen(*leads), to="disqualified:no_answer").content.decode()
        assert reverse("campaigns:leads_undo", args=[BulkChange.objects.get().pk]) in page
        assert said(undo(signed_in)) == ["Taken back on 3 leads."]
        assert standings() == ["new", "qualified", "disqualified:spam"]
        assert [lead.qualified_at for lead in Lead.objects.order_by("pk")] == [None, BEFORE, None]
        assert StatusChange.objects.count() == 6

    def test_what_changed_since_is_left_and_named(self, signed_in):
        leads = [LeadFactory(name=name) for name in ("Moved on", "Moved twice", "Voided", "As left")]
        send(signed_in, seen(*leads), to="qualified")
        for lead in leads:
            lead.refresh_from_db()
        leads[0].move_to("lost", at=NOW)
        leads[1].move_to("lost", at=NOW)
        leads[1].move_to("qualified", at=NOW)
        leads[2].void(at=NOW + timedelta(minutes=1))
        response = undo(signed_in)
        assert standings() == ["lost", "qualified", "qualified", "new"]
        assert said(response) == [
            "Taken back on 1 lead.",
            "3 leads were left as they are, since they have changed since: Moved on, Moved twice, Voided.",
        ]

    def test_a_lead_with_a_sale_by_now_stays_won(self, signed_in):
        lead = LeadFactory()
        send(signed_in, seen(lead), to="won")
        SaleFactory(lead=lead)
        undo(signed_in)
        assert standings() == ["won"]

    def test_a_second_undo_takes_nothing_back(self, signed_in):
        lead = LeadFactory()
        send(signed_in, seen(lead), to="lost")
        undo(signed_in)
        assert said(undo(signed_in)) == ["This has been taken back before."]
        assert StatusChange.objects.count() == 2

    def test_only_who_did_it_takes_it_back(self, signed_in, client, director):
        send(signed_in, seen(LeadFactory()), to="lost")
        client.force_login(director)
        assert client.post(reverse("campaigns:leads_undo", args=[BulkChange.objects.get().pk])).status_code == 404
        assert standings() == ["lost"]

    def test_the_way_back_is_kept_for_a_week(self, signed_in):
        send(signed_in, seen(LeadFactory()), to="lost")
        retention.purge(at=NOW + timedelta(days=6))
        assert BulkChange.objects.exists()
        BulkChange.objects.update(at=NOW - timedelta(days=8))
        retention.purge(at=NOW + timedelta(days=6))
        assert not BulkChange.objects.exists()


class TestPlatform:
    def test_it_becomes_the_first_touchpoint_of_leads_without_one(self, signed_in):
        linkedin = PlatformFactory(name="LinkedIn")
        without, voided = LeadFactory(received_at=BEFORE), LeadFactory(received_at=BEFORE)
        TouchFactory(lead=voided).void(at=BEFORE)
        met = LeadFactory(name="Met before")
        TouchFactory(lead=met)
        response = send(signed_in, seen(without, voided, met), platform=linkedin.pk)
        assert said(response) == [
            "2 leads now have LinkedIn as their first touchpoint.",
            "1 lead was left: it has a touchpoint, and that is never edited. Void it, add another: Met before.",
        ]
        given = Touch.objects.live().filter(platform=linkedin)
        assert [(touch.lead, touch.at, touch.campaign) for touch in given] == [
            (without, BEFORE, None),
            (voided, BEFORE, None),
        ]

    def test_undo_voids_it_unless_another_came_after_it(self, signed_in):
        leads = [LeadFactory(name=name) for name in ("As left", "Met again", "Voided by hand")]
        send(signed_in, seen(*leads), platform=PlatformFactory().pk)
        TouchFactory(lead=leads[1])
        leads[2].touches.get().void(at=NOW, reason="wrong")
        response = undo(signed_in)
        assert said(response) == [
            "Taken back on 1 lead.",
            "2 leads were left as they are, since they have changed since: Met again, Voided by hand.",
        ]
        assert [lead.touches.live().count() for lead in leads] == [0, 2, 0]
        assert leads[2].touches.get().void_reason == "wrong"


@pytest.mark.parametrize("count", [3, 30])
def test_a_move_asks_as_much_for_thirty_leads_as_for_three(manager, django_assert_num_queries, count):
    chosen = [SeenLead(LeadFactory().pk, LeadStanding("new")) for _ in range(count)]
    with django_assert_num_queries(6):  # a savepoint and its end, the leads, their update, the records, the way back
        result = lead_moves.move(chosen, LeadStanding("qualified"), at=NOW, by=manager)
    assert len(result.changed) == count


@pytest.mark.parametrize("count", [3, 30])
def test_a_board_asks_as_much_for_thirty_cards_as_for_three(signed_in, django_assert_num_queries, count):
    for number in range(count):
        lead = TouchFactory(lead=LeadFactory(status=["new", "qualified", "won"][number % 3])).lead
        SaleFactory(lead=lead)
    signed_in.get(reverse("campaigns:leads_board"))
    # Session with person, agency; the sums; two filters, the platforms and the views; three columns, touches and sales.
    with django_assert_num_queries(12):
        signed_in.get(reverse("campaigns:leads_board"))


def test_a_board_counts_all_and_shows_the_first_cards(signed_in):
    for number in range(23):
        LeadFactory(name=f"N{number:02}", received_at=NOW - timedelta(hours=number))
    LeadFactory(status="disqualified", disqualified_reason="spam")
    response = signed_in.get(reverse("campaigns:leads_board"), {"when": "month"})
    new, *_others = response.context["columns"]
    assert [column.count for column in response.context["columns"]] == [23, 0, 1, 0, 0]
    assert [str(card) for card in new.cards] == [f"N{number:02}" for number in range(20)]
    assert new.list_url == reverse("campaigns:leads") + "?when=month&status=new"
    assert "3 more" in response.content.decode()


def test_a_card_of_a_lead_that_was_won_tells_its_sale_or_asks_for_it(signed_in):
    SaleFactory(lead=LeadFactory(status="won"), amount_cents=3_500_00)
    lead = LeadFactory(status="won")
    page = signed_in.get(reverse("campaigns:leads_board")).content.decode()
    assert "€3,500.00" in page or "3,500.00" in page
    assert f"?lead={lead.pk}&amp;won=1&amp;board=1" in page
