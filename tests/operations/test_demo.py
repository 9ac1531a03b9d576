"""Loading the demo agency: the same rows for the same seed, the same story in other sizes, the command."""

import hashlib
import json
import subprocess
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core import management
from django.core.management import CommandError, call_command
from django.db import models, transaction

from campaigns.models import (
    Agency,
    Campaign,
    CapturedContact,
    CaptureKey,
    Client,
    Decision,
    ImportRun,
    Lead,
    Outcome,
    OutcomeValue,
    Platform,
    Sale,
    SavedView,
    Spend,
    StatusChange,
    Touch,
    TrackingLink,
    Webhook,
)
from core.access import Role
from core.weeks import Week
from operations.demo import agency, catalogue, story
from operations.demo.french import FRENCH
from operations.demo.people import LOGINS
from operations.demo.plan import Plan
from reports.models import PlatformWeek, Subscriber, SummaryDelivery, Verdict
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation
from tests import factories
from timesheets.models import CostRate, TimeEntry, Timesheet, User
from tools import run as first_start

UNTIL = Week.parse("2026-W46")
# What the plain rule says at the end, in a demo of any size.
PLAIN_STATES = {
    "Facebook": VerdictState.LOSING,
    "X / Twitter": VerdictState.WATCH,
    "LinkedIn": VerdictState.EARNING,
    "Newsletter": VerdictState.EARNING,
    "Search": VerdictState.EARNING,
    "Pinterest": VerdictState.TOO_EARLY,
    "Referral": VerdictState.NO_DATA,
}


def plan(*, weeks=60, staff=25, seed=1, language="en"):
    return Plan(weeks, staff, seed, UNTIL, UNTIL.next.days[2], language)


def load(**size):
    agency.build(plan(**size))
    agency.judge(plan(**size))


# -- the same again ---------------------------------------------------------------------------------------------------

COLUMNS = {
    User: ("email", "name", "role", "weekly_minutes", "joined_on", "left_on", "is_active"),
    CostRate: ("member__email", "starts_on", "hourly_cents"),
    TimeEntry: ("member__email", "day", "platform__name", "campaign__name", "minutes", "hourly_cents", "note"),
    Timesheet: ("member__email", "week", "submitted_at"),
    Spend: ("platform__name", "campaign__name", "starts_on", "ends_on", "amount_cents", "description"),
    Outcome: ("platform__name", "campaign__name", "week", "measure", "count"),
    OutcomeValue: ("measure", "week", "value_cents", "reason"),
    Lead: ("external_id", "received_at", "name", "email", "company", "status", "qualified_at", "voided_at"),
    Touch: ("lead__external_id", "at", "platform__name", "campaign__name", "utm_source", "utm_campaign"),
    StatusChange: ("lead__external_id", "at", "before", "after", "reason"),
    Sale: ("external_id", "lead__external_id", "sold_on", "amount_cents", "description", "refund_of__external_id"),
    Verdict: ("platform__name", "week", "state", "evaluated_at"),
}


def digest():
    """All rows by their values, without the keys that the database counts up."""
    found = hashlib.sha256()
    for model, columns in COLUMNS.items():
        found.update(repr(sorted(map(repr, model.objects.values_list(*columns)))).encode())
    return found.hexdigest()


def digest_of(**size):
    with transaction.atomic():
        load(**size)
        found = digest()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.once
def test_the_same_seed_gives_the_same_rows_and_another_does_not():
    small = {"weeks": 22, "staff": 6}
    assert digest_of(**small, seed=7) == digest_of(**small, seed=7) != digest_of(**small, seed=8)


# -- in French --------------------------------------------------------------------------------------------------------

SMALL = {"weeks": 22, "staff": 6}
# Texts that are the same in both languages: names of people, companies and networks, signs, numbers.
WRITTEN = {
    Client: ("name",),
    Campaign: ("name", "goal", "objective", "action", "indicator", "measure"),
    TimeEntry: ("note",),
    Spend: ("description",),
    Outcome: ("measure",),
    OutcomeValue: ("measure", "reason"),
    Lead: ("void_reason",),
    Sale: ("description",),
    Decision: ("facts", "sentence"),
    SavedView: ("name",),
    CaptureKey: ("name",),
    Webhook: ("name",),
    ImportRun: ("file_name",),
    TrackingLink: ("target", "utm_campaign", "utm_content"),
    CapturedContact: ("consent_text",),
}


def figures_and_texts(language):
    """What the figures of the platforms are, in the order in which they were made, and what is written in words."""
    with transaction.atomic():
        load(**SMALL, language=language)
        platforms = {
            key: number for number, key in enumerate(Platform.objects.order_by("pk").values_list("pk", flat=True))
        }
        columns = [field.attname for field in PlatformWeek._meta.concrete_fields if not field.primary_key]
        figures = sorted(
            (
                [(name, platforms[value] if name == "platform_id" and value else value) for name, value in row.items()]
                for row in PlatformWeek.objects.values(*columns)
            ),
            key=repr,
        )
        states = [
            (platforms[key], week, state)
            for key, week, state in Verdict.objects.order_by("platform", "week").values_list(
                "platform", "week", "state"
            )
        ]
        texts = {
            str(text)
            for model, names in WRITTEN.items()
            for row in model.objects.values_list(*names)
            for text in row
            if text
        }
        transaction.set_rollback(True)
    return figures, states, texts


@pytest.mark.django_db
@pytest.mark.once
def test_in_french_the_figures_are_the_same_and_no_text_is():
    figures, states, english = figures_and_texts("en")
    same_figures, same_states, french = figures_and_texts("fr")
    assert figures
    assert (same_figures, same_states) == (figures, states)
    clients = {brief.client for brief in catalogue.CAMPAIGNS}
    assert english & french == clients | {"General presence"}  # which is shown in the language of who reads
    assert "Des sites pour les commerces" in french


@pytest.mark.django_db
@pytest.mark.once
def test_the_command_loads_an_agency_that_is_set_up_in_french():
    run("--weeks=20", "--staff=5", "--until=2026-W46", "--language=fr")
    assert Agency.current().language == "fr"
    director = Subscriber.objects.get(email=LOGINS[Role.DIRECTOR])
    assert SummaryDelivery.objects.filter(subscriber=director).first().subject.startswith("Semaine ")
    assert {"Recherche", "Événements"} < set(Platform.objects.values_list("name", flat=True))
    with pytest.raises(CommandError, match="invalid choice: 'de'"):
        run("--language=de")


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "language"), [(None, "en"), ("fr", "fr")])
def test_the_first_run_loads_it_in_the_language_asked_for_and_no_later_one_changes_it(
    monkeypatch, capsys, asked, language
):
    loaded = []
    monkeypatch.setattr(management, "call_command", lambda name, **options: loaded.append((name, options["language"])))
    first_start.fill_database(is_empty=False, language=asked)
    assert loaded == [("demo", language)]
    factories.MemberFactory()
    first_start.fill_database(is_empty=False, language=asked)
    assert len(loaded) == 1
    assert ("It stays in its language" in capsys.readouterr().out) is (asked is not None)


def test_make_run_hands_the_language_on():
    command = ["make", "--dry-run", "--always-make", "--old-file=.venv/.runtime-installed", "run", "DEMO_LANGUAGE=fr"]
    printed = subprocess.run(command, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert '--language "fr"' in printed


def test_every_french_text_has_an_english_one_that_the_demo_uses():
    source = "".join(
        path.read_text() for path in Path(catalogue.__file__).parent.glob("*.py") if path.name != "french.py"
    )
    plain = "".join(source.split('"\n    "'))
    assert [text for text in FRENCH if json.dumps(text, ensure_ascii=False)[1:-1] not in plain] == []


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize(
    "size",
    [
        {"weeks": 30, "staff": 5},
        {"weeks": 20, "staff": 5, "seed": 3},
        pytest.param({"staff": 28, "weeks": 40}, marks=pytest.mark.soak),
    ],
)
def test_a_demo_of_another_size_tells_the_same_story(size):
    load(**size)
    cases = {platform.name: case for platform, case in evaluation.compute(UNTIL).items()}
    said = {name: cases[name].judgement.state for name in PLAIN_STATES}
    # The newsletter is mostly for those who are customers: few people may have no hours on it to judge at all.
    assert said.pop("Newsletter") in (VerdictState.EARNING, VerdictState.NO_DATA)
    assert said.items() < PLAIN_STATES.items()
    assert User.objects.count() == size["staff"]


# -- the command ------------------------------------------------------------------------------------------------------


def run(*arguments, **options):
    out = StringIO()
    call_command("demo", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_loads_and_prints_the_logins_and_does_not_load_twice():
    printed = run("--weeks=20", "--staff=5", "--until=2026-W46")
    assert "5 people and 20 weeks, to 2026-W46" in printed
    assert all(email in printed for email in LOGINS.values())
    assert run("--logins").splitlines() == printed.splitlines()[1:]
    assert len(run("--logins").splitlines()) == 3
    assert Agency.current().name == "Studio Nord"
    assert Agency.current().is_demo
    with pytest.raises(CommandError, match="already"):
        run("--force")


@pytest.mark.django_db
def test_the_hours_of_a_past_demo_end_on_its_last_wednesday():
    run("--weeks=20", "--staff=5", "--until=2026-W20")
    assert TimeEntry.objects.aggregate(last=models.Max("day"))["last"] == date(2026, 5, 20)


@pytest.mark.django_db
def test_the_command_leaves_a_database_with_people_alone():
    factories.MemberFactory()
    with pytest.raises(CommandError, match="has people of its own"):
        run()
    assert User.objects.count() == 1
    assert run("--logins") == ""


@pytest.mark.django_db
def test_forced_it_loads_beside_the_people_who_are_there():
    entry = factories.EntryFactory()
    run("--weeks=20", "--staff=5", "--until=2026-W46", "--force")
    assert User.objects.count() == 6
    assert not Agency.current().is_demo
    assert TimeEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("argument", ["--weeks=3", "--weeks=0", "--staff=2", "--staff=100000", "--until=2026-W60"])
def test_a_size_that_cannot_be_is_refused_in_a_sentence(argument):
    with pytest.raises(CommandError, match="must be from|there is no week 60"):
        run(argument)
    assert not User.objects.exists()


# -- bending the amounts ----------------------------------------------------------------------------------------------


def test_scaled_sales_return_the_targets_though_journeys_cross_platforms():
    others = [name for name in story.TARGETS if name not in ("Facebook", "LinkedIn")]
    flows = [
        story.Flow("Facebook", 0, 100_000, {"Facebook": 1.0}),
        story.Flow("LinkedIn", 3, 400_000, {"LinkedIn": 0.95, "Facebook": 0.05}),
        story.Flow("LinkedIn", 5, -100_000, {"LinkedIn": 1.0}),
        *(story.Flow(name, 1, 200_000, {name: 1.0}) for name in others),
        story.Flow("Facebook", 13, 9_000_000, {"Facebook": 1.0}),
    ]
    scales = story.scales(flows, lambda platform, week: 100_000.0, window=13)
    for platform, target in story.TARGETS.items():
        brought = sum(scales[flow.source] * flow.cents * flow.parts.get(platform, 0) for flow in flows[:-1])
        assert brought == pytest.approx(target * 1_300_000, rel=0.01)


def test_top_ups_lift_each_earlier_window_to_its_floor_and_leave_the_last_alone():
    def cost(platform, week):
        return 100_000.0

    added = story.top_ups([], cost, window=13, earlier=4)
    assert min(week for _, week, _ in added) == 13
    for platform, floor in story.FLOORS.items():
        for back in range(1, 5):
            brought = sum(cents for name, week, cents in added if name == platform and back <= week < back + 13)
            assert brought >= floor * 1_300_000 * 0.999
