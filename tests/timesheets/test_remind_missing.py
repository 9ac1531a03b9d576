"""One link in the weekly e-mail reminds who has not submitted: it asks first, and reminds nobody twice."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.core import mail

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from timesheets import reminders
from timesheets.models import Reminder, Timesheet, User

pytestmark = pytest.mark.django_db
WEEK = Week(date(2026, 11, 16))
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)  # the Monday after
PATH = f"/team/{WEEK}/remind"
State = Reminder.State


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def late():
    """Two who have not submitted the week."""
    return [factories.MemberFactory(name=name) for name in ("Ada", "Bo")]


@pytest.fixture
def as_manager(client, manager):
    User.objects.filter(pk=manager.pk).update(logs_hours=False)
    client.force_login(manager)
    return client


def test_opening_the_link_changes_nothing_and_says_who_would_be_asked(as_manager, late):
    page = as_manager.get(PATH).content.decode()
    assert "Ada" in page
    assert "Bo" in page
    assert "Send 2 reminders" in page
    assert not Reminder.objects.exists()


def test_posting_reminds_who_is_still_missing_by_then(as_manager, manager, late):
    Timesheet.of(late[0], WEEK).submit(at=NOW)
    answer = as_manager.post(PATH, follow=True)
    assert "1 reminder is on its way." in answer.content.decode()
    assert [(row.member, row.asked_by, row.kind) for row in Reminder.objects.all()] == [(late[1], manager, "asked")]
    reminders.send_due(at=NOW)
    assert [message.to for message in mail.outbox] == [[late[1].email]]


def test_nobody_is_reminded_twice(as_manager, late):
    for _click in range(2):
        as_manager.post(PATH)
    assert Reminder.objects.count() == 2
    page = as_manager.get(PATH).content.decode()
    assert "Nobody is asked twice" in page
    assert '<button class="primary"' not in page


def test_who_was_reminded_by_the_calendar_an_hour_ago_is_left_out(as_manager, late):
    Agency.current()
    factories_of = {"week": WEEK.monday, "kind": "monday", "next_attempt_at": NOW}
    Reminder.objects.create(member=late[0], due_at=NOW - timedelta(hours=1), state=State.SENT, **factories_of)
    Reminder.objects.create(member=late[1], due_at=NOW - timedelta(hours=1), state=State.FAILED, **factories_of)
    as_manager.post(PATH)
    assert [row.member for row in Reminder.objects.filter(kind="asked")] == [late[1]]


def test_when_all_have_submitted_it_says_so(as_manager):
    assert "nobody to remind" in as_manager.get(PATH).content.decode()
    assert "Nobody was reminded" in as_manager.post(PATH, follow=True).content.decode()


def test_a_week_to_come_reminds_nobody(as_manager, late):
    answer = as_manager.post(f"/team/{WEEK.plus(2)}/remind", follow=True)
    assert "has not begun" in answer.content.decode()
    assert not Reminder.objects.exists()


def test_who_is_not_signed_in_comes_back_after_the_sign_in_and_a_member_may_not(client, late):
    assert unquote(client.post(PATH)["Location"]) == f"/accounts/login/?next={PATH}"
    client.force_login(late[0])
    assert client.post(PATH).status_code == 403
    assert not Reminder.objects.exists()
