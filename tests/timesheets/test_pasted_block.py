"""A block pasted into the week: every value is read as if it were typed, and nothing is written."""

from datetime import date

import pytest

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from timesheets.models import TimeEntry, Timesheet, User

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
PASTE = f"/hours/{WEEK}/paste"


@pytest.fixture
def place():
    """The id of a cell of one row, by its day."""
    row = f"c{factories.PlatformFactory().pk}-{factories.CampaignFactory().pk}"
    return lambda day: f"{row}-d{day}"


@pytest.fixture
def preview(client, member):
    Agency.current()
    client.force_login(member)

    def ask(*values: tuple[str, str]) -> list[dict[str, str]]:
        sent = {"cell": [cell for cell, _text in values], "text": [text for _cell, text in values]}
        return client.post(PASTE, sent).json()["cells"]

    return ask


def test_values_are_read_as_typed_and_nothing_is_written(preview, place):
    told = preview((place(0), "1,5"), (place(1), "90m"), (place(2), "0"), (place(3), "45"), (place(4), "<b>"))
    assert told[:3] == [{"text": "1:30"}, {"text": "1:30"}, {"text": ""}]
    assert "more than a day" in told[3]["refused"]
    assert told[3]["suggestion"] == "0:45"
    assert "is not a duration" in told[4]["refused"]
    assert not TimeEntry.objects.exists()
    assert not TimeEntry.history.exists()
    assert not Timesheet.objects.exists()


def test_hours_are_told_as_the_person_writes_them(preview, place, member):
    User.objects.filter(pk=member.pk).update(duration_style=User.DurationStyle.DECIMAL)
    assert preview((place(0), "1:45")) == [{"text": "1.75"}]


def test_a_day_is_filled_up_by_the_block_itself(preview, place, member):
    factories.EntryFactory(member=member, day=WEEK.monday, minutes=600)
    other = f"c{factories.PlatformFactory().pk}-{factories.CampaignFactory().pk}-d0"
    told = preview((place(0), "10"), (other, "5"))
    assert told[0] == {"text": "10:00"}
    assert told[1]["refused"] == "Monday would have 25:00; a day has 24:00."


def test_days_that_take_no_hours_are_refused_one_by_one(client, preview, place, member):
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_through=WEEK.monday)
    User.objects.filter(pk=member.pk).update(joined_on=WEEK.days[2])
    told = preview(*[(place(day), "1") for day in range(5)])
    assert ["submitted" in cell.get("refused", "") for cell in told] == [True, False, False, False, False]
    assert "before you joined" in told[1]["refused"]
    assert told[2:] == [{"text": "1:00"}] * 3


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"cell": ["c1-1-d0"]},
        {"cell": ["c1-1-d7"], "text": ["1"]},
        {"cell": ["c1-1-d0"] * 401, "text": ["1"] * 401},
    ],
    ids=["nothing", "no text", "no such day", "too many"],
)
def test_what_no_page_sends_is_refused(client, preview, sent):
    assert client.post(PASTE, sent).status_code == 400


def test_a_row_that_is_gone_is_said_in_words(preview):
    (told,) = preview(("c999999-999999-d0", "1"))
    assert "gone" in told["refused"]


def test_somebody_elses_page_is_read_nothing(client, preview, place):
    assert client.post(PASTE, {"member": "999999", "cell": [place(0)], "text": ["1"]}).status_code == 403
