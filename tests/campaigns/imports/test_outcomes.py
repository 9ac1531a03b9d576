"""Outcomes from a file: by week or day, added up, set again, taken back."""

from datetime import date

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import Campaign, Outcome, Platform
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, ClientFactory, OutcomeFactory, PlatformFactory

pytestmark = pytest.mark.django_db

HEADER = "week,platform,campaign,measure,count,note\n"


@pytest.fixture
def facebook():
    return PlatformFactory(name="Facebook")


@pytest.fixture
def spring():
    return CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))


def counts() -> list[tuple]:
    rows = Outcome.objects.live().order_by("week", "measure")
    return list(rows.values_list("week", "platform__name", "campaign__name", "measure", "count", "note"))


def test_a_file_by_week_is_counted_once_however_often_it_is_imported(tmp_path, facebook, spring):
    path = written(
        tmp_path, HEADER + '2026-W46,Facebook,Spring,Tickets answered,"1,234",calm\n2026-w47,facebook,,Opt-ins,0,\n'
    )
    assert imported(path, "outcomes").counts["written"] == {"create": 2}
    assert imported(path, "outcomes").counts["written"] == {"same": 2}
    assert counts() == [
        (date(2026, 11, 9), "Facebook", "Spring", "Tickets answered", 1234, "calm"),
        (date(2026, 11, 16), "Facebook", Campaign.objects.general().name, "Opt-ins", 0, ""),
    ]


def test_days_of_a_week_add_up_and_the_last_file_sets_the_week(tmp_path, facebook, spring):
    daily = "2026-11-16,Facebook,Spring,Calls,3,a\n2026-11-22,Facebook,Spring,calls ,4,b\n"
    imported(written(tmp_path, HEADER.replace("week", "date") + daily), "outcomes")
    assert counts() == [(date(2026, 11, 16), "Facebook", "Spring", "Calls", 7, "a; b")]
    run = imported(written(tmp_path, HEADER + "2026-W47,Facebook,Spring,CALLS,9,\n"), "outcomes")
    assert (run.counts["written"], [row[4] for row in counts()]) == ({"update": 1}, [9])
    undone(run)
    assert [row[4] for row in counts()] == [7]


def test_an_undone_import_leaves_nothing_but_what_somebody_changed_since(tmp_path, facebook, spring):
    run = imported(
        written(tmp_path, HEADER + "2026-W46,Facebook,Spring,Calls,3,\n2026-W47,Facebook,Spring,Calls,4,\n"), "outcomes"
    )
    Outcome.objects.filter(week=date(2026, 11, 16)).update(count=5)
    assert undone(run).counts["kept"] == 1
    assert [row[4] for row in counts()] == [5]


def test_each_bad_row_is_named_with_its_line_and_nothing_is_written(tmp_path, facebook, spring):
    rows = (
        "2026-W54,Facebook,Spring,Calls,3,\n"
        "2026-W46,Facebook,Spring,Calls,-1,\n"
        "2026-W46,Facebook,Spring,Calls,1.5,\n"
        "2026-W46,Facebook,Spring,,3,\n"
        ",Facebook,Spring,Calls,3,\n"
        f"2026-W46,Facebook,Spring,{'x' * 81},3,\n"
        "1026-W46,Facebook,Spring,Calls,3,\n"
        "2026-W46,Facebook,Spring,Calls,many,\n"
    )
    errors = examined(written(tmp_path, HEADER + rows), "outcomes").errors
    assert [(error.line, error.column, error.code) for error in errors] == [
        (2, "week", "not_a_week"),
        (3, "count", "not_a_count"),
        (4, "count", "not_a_count"),
        (5, "measure", "missing_value"),
        (6, "week", "missing_value"),
        (7, "measure", "too_long"),
        (8, "week", "year_out_of_range"),
        (9, "count", "not_a_count"),
    ]
    assert not Outcome.objects.exists()


def test_an_unknown_platform_or_campaign_is_asked_once_or_made(tmp_path, facebook):
    path = written(tmp_path, HEADER + "2026-W46,TikTok,Acme / New,Calls,3,\n2026-W47,TikTok,Acme / New,Calls,3,\n")
    findings = examined(path, "outcomes")
    assert [(one["sort"], one["count"]) for one in findings.questions] == [("platform", 2), ("campaign", 2)]
    imported(path, "outcomes", creating=True)
    assert Platform.objects.filter(name="TikTok").exists()
    assert [row[2] for row in counts()] == ["New", "New"]


def test_a_campaign_left_out_is_general_presence_and_a_platform_left_out_its_rows(tmp_path, facebook):
    mapping = ColumnMapping()
    mapping.map_name("campaign", "Nothing", "-")
    mapping.map_name("platform", "Radio", "-")
    path = written(tmp_path, HEADER + "2026-W46,Facebook,Nothing,Calls,3,\n2026-W46,Radio,,Calls,3,\n")
    imported(path, "outcomes", mapping=mapping)
    assert [row[1:3] for row in counts()] == [("Facebook", Campaign.objects.general().name)]


def test_what_was_voided_stays_voided_and_is_counted_anew(tmp_path, facebook, spring):
    gone = OutcomeFactory(platform=facebook, campaign=spring, measure="Calls", voided_at="2026-11-20T00:00Z")
    imported(written(tmp_path, HEADER + "2026-W47,Facebook,Spring,Calls,3,\n"), "outcomes")
    gone.refresh_from_db()
    assert gone.is_void
    assert [row[4] for row in counts()] == [3]
