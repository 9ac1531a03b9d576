"""A decision is published as it was written and shown, and nothing moves it afterwards."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from campaigns.models import Decision
from core.weeks import Week
from operations import erase_person, merge_platforms
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db

ADD, LIST = "reports:decision_add", "reports:decisions"
SENTENCE = "Two posts a week less, and the contests stop."


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook", weekly_limit_minutes=4200)


@pytest.fixture
def trial(facebook):
    return factories.LimitTrialFactory(platform=facebook, limit_minutes=3540)


@pytest.fixture
def signed_in(client, director):
    client.force_login(director)
    return client


def text_of(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


def send(client, **sent):
    return client.post(reverse(ADD), {"about": "", "sentence": "", **sent})


def publish(client, about, sentence=""):
    """As a director does it: write, look at the preview, publish what it shows."""
    preview = send(client, about=about, sentence=sentence)
    assert preview.status_code == 200, preview.context["form"].errors
    shown = preview.context["decision"]
    return send(client, about=about, sentence=sentence, facts_shown=shown.facts)


def read_by_a_manager(client, address):
    client.force_login(factories.ManagerFactory())
    return text_of(client.get(address))


def test_nothing_is_published_before_the_preview_was_seen(signed_in, trial):
    preview = send(signed_in, about=f"trial:{trial.pk}", sentence=SENTENCE)
    assert not Decision.objects.exists()
    said = text_of(preview)
    assert "This is what every manager will read, word by word." in said
    assert "The sentence is yours and nothing checks it." in said
    assert "A trial: at most 59 h a week from Monday 23 November 2026 to Sunday 17 January 2027." in said
    assert SENTENCE in said


def test_managers_read_exactly_what_the_preview_showed(signed_in, client, trial, facebook):
    preview = send(signed_in, about=f"trial:{trial.pk}", sentence=SENTENCE).content.decode()
    article = preview[preview.index('<article class="decision">') : preview.index("</article>")]
    shown = " ".join(strip_tags(article).split())
    publish(signed_in, f"trial:{trial.pk}", SENTENCE)
    assert shown in read_by_a_manager(client, reverse(LIST))
    beside_the_platform = read_by_a_manager(client, reverse("campaigns:platform", args=[facebook.pk]))
    assert shown.removeprefix("Facebook ") in beside_the_platform


def test_a_limit_is_published_as_it_is_this_week(signed_in, client, facebook):
    publish(signed_in, f"limit:{facebook.pk}")
    assert "At most 70 h a week." in read_by_a_manager(client, reverse(LIST))


def test_nothing_moves_it_afterwards(signed_in, director, client, trial, facebook):
    publish(signed_in, f"trial:{trial.pk}", SENTENCE)
    before = list(Decision.objects.values())
    trial.end(week=Week.containing(NOW.date()), at=NOW, by=director)
    facebook.name, facebook.weekly_limit_minutes, facebook.is_active = "Meta", 60, False
    facebook.save()
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        read = read_by_a_manager(client, reverse(LIST))
    assert list(Decision.objects.values()) == before
    assert "Facebook A trial: at most 59 h a week from Monday 23 November 2026" in read


def test_what_changed_between_preview_and_publishing_is_shown_again(signed_in, facebook):
    preview = send(signed_in, about=f"limit:{facebook.pk}")
    facebook.weekly_limit_minutes = 60
    facebook.save()
    again = send(signed_in, about=f"limit:{facebook.pk}", facts_shown=preview.context["decision"].facts)
    assert "has changed meanwhile" in text_of(again)
    assert "At most 1 h a week." in text_of(again)
    assert not Decision.objects.exists()


def test_a_second_click_publishes_once(signed_in):
    sent = {"about": "", "sentence": SENTENCE, "facts_shown": "", "once": "abc"}
    for _click in range(2):
        assert signed_in.post(reverse(ADD), sent).status_code == 302
    assert Decision.objects.count() == 1


def test_the_words_can_be_changed_before_it_is_published(signed_in):
    answer = send(signed_in, sentence=SENTENCE, facts_shown="", again="1")
    assert SENTENCE in answer.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("kind", ["", "platform"])
def test_one_that_says_nothing_is_refused_at_the_field(signed_in, facebook, kind):
    answer = send(signed_in, about=f"platform:{facebook.pk}" if kind else "", sentence="  ")
    assert answer.status_code == 422
    assert answer.context["form"].errors["sentence"] == ["Write what you decided, or choose a limit or a trial above."]


@pytest.mark.parametrize("about", ["trial:999", "limit:0", "platform:x", "nonsense", "limit:"])
def test_what_there_is_not_is_refused(signed_in, facebook, about):
    answer = send(signed_in, about=about, sentence=SENTENCE)
    assert answer.status_code == 422
    assert answer.context["form"].errors["about"]


def test_a_platform_in_a_trial_offers_the_trial_and_not_its_own_limit(signed_in, facebook):
    factories.LimitTrialFactory(platform=facebook, first_week=LAST.monday)
    assert send(signed_in, about=f"limit:{facebook.pk}").status_code == 422


def test_withdrawn_managers_read_it_no_more_and_directors_see_by_whom(signed_in, client, director, facebook):
    publish(signed_in, f"platform:{facebook.pk}", SENTENCE)
    decision = Decision.objects.get()
    address = reverse("reports:decision_withdraw", args=[decision.pk])
    for _click in range(2):
        signed_in.post(address)
    assert f"by {director}: managers do not read it." in text_of(signed_in.get(reverse(LIST)))
    for page in (reverse(LIST), reverse("campaigns:platform", args=[facebook.pk])):
        assert SENTENCE not in read_by_a_manager(client, page)


def test_managers_neither_publish_nor_withdraw_nor_see_what_is_withdrawn(client, manager):
    factories.DecisionFactory(sentence="Gone", withdrawn_at=NOW)
    client.force_login(manager)
    page = client.get(reverse(LIST)).content.decode()
    assert "Gone" not in page
    assert reverse(ADD) not in page
    assert "withdraw" not in page
    assert "Nothing is published" in page


def test_members_read_none(client, member):
    client.force_login(member)
    assert client.get(reverse(LIST)).status_code == 403


def test_markup_in_a_sentence_is_text(signed_in, client):
    publish(signed_in, "", "<script>alert(1)</script>")
    client.force_login(factories.ManagerFactory())
    assert "<script>alert(1)" not in client.get(reverse(LIST)).content.decode()


def test_a_merge_of_platforms_leaves_the_text_and_moves_the_place(signed_in, director, facebook):
    publish(signed_in, f"limit:{facebook.pk}")
    meta = factories.PlatformFactory(name="Meta")
    merge_platforms.merge(gone_id=facebook.pk, into_id=meta.pk, by=director, at=NOW)
    decision = Decision.objects.get()
    assert (decision.platform, decision.heading) == (meta, "Facebook")


def test_erasing_a_person_takes_their_name_out_of_it(signed_in):
    anna = factories.MemberFactory(name="Anna Moreau", left_on=NOW.date() - timedelta(days=3))
    publish(signed_in, "", "anna moreau keeps the calendar; Annamoreaux does not.")
    erase_person.erase_now(anna, at=NOW)
    assert Decision.objects.get().sentence == (f"Former member {anna.pk} keeps the calendar; Annamoreaux does not.")


def test_the_list_takes_as_many_statements_with_one_as_with_many(signed_in, director):
    counts = []
    signed_in.get(reverse(LIST))
    for count in (1, 5):
        for _number in range(count):
            factories.DecisionFactory(published_by=director)
            factories.DecisionFactory(published_by=director, withdrawn_at=NOW, withdrawn_by=director)
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(reverse(LIST))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
