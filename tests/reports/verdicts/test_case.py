"""What a verdict rests on is stored and read back, whichever version stored it; nothing is lost without a word."""

import json
import logging
import os
import subprocess
import sys
from fractions import Fraction

import pytest

from core import money
from reports.verdicts import wording
from reports.verdicts.case import as_json, case_from_json
from tests.reports.statistics import assessments as made
from tests.reports.verdicts.spoken import case

JOBS = (
    "reports.verdicts.evaluation",
    "reports.verdicts.plain_rule_cases",
    "reports.verdicts.load_inputs",
    "reports.statistics.assess",
    "reports.statistics.posterior",
    "operations.jobs",
    "operations.tasks",
    "scipy",
    "statsmodels",
)


@pytest.fixture(autouse=True)
def _english():
    with money.localised(language="en", country="GB", currency="EUR"):
        yield


def stored(found=None, **changes):
    """What is stored of a case with two doubts about its figures, as it comes from the database."""
    spoken = case(found=found, unrated_minutes=600, biggest_sale_cents=500_000, biggest_sale=7, **changes)
    return json.loads(json.dumps(as_json(spoken)))


@pytest.mark.parametrize("found", [None, made.earning()], ids=["plain rule", "evidence"])
def test_a_case_is_read_back_as_it_was(found):
    spoken = case(found=found, revenue=1_200_000, biggest_sale_cents=500_000, biggest_sale=7)
    assert spoken.judgement.doubts
    read = case_from_json(json.loads(json.dumps(as_json(spoken))))
    assert as_json(read) == as_json(spoken)
    assert (read.evidence, read.judgement) == (spoken.evidence, spoken.judgement)


def test_what_another_version_knew_besides_is_left_out(caplog):
    kept = stored(made.earning())
    more = stored(made.earning())
    for record in (more, more["evidence"], more["judgement"], more["figures"], more["assessment"]):
        record["of_another_version"] = {"any": "thing"}
    assert case_from_json(more) == case_from_json(kept)
    assert not caplog.records


@pytest.mark.parametrize(
    ("part", "name"), [("evidence", "spend_cents"), ("judgement", "shortfall_cents"), ("figures", "spend_cents")]
)
def test_a_field_that_an_older_version_did_not_have_has_its_default(caplog, part, name):
    older = stored()
    del older[part][name]
    read = case_from_json(older)
    assert getattr(getattr(read, part), name) == 0
    assert wording.sentence(read)
    assert not caplog.records


def test_an_older_version_without_states_and_assessment_is_read(caplog):
    older = stored()
    for name in ("states", "figures", "minutes_before", "assessment"):
        del older[name]
    assert wording.sentence(case_from_json(older)) == wording.sentence(case_from_json(stored()))
    assert not caplog.records


def test_a_doubt_that_is_not_known_here_costs_the_doubts_and_not_the_sentence(caplog):
    later = stored()
    later["judgement"]["doubts"].append({"code": "of_a_later_version"})
    read = case_from_json(later)
    assert read.judgement.doubts == ()
    assert wording.sentence(case_from_json(stored())).startswith(wording.sentence(read))
    assert "doubts of a stored verdict cannot be read" in caplog.text


def test_an_assessment_that_cannot_be_read_leaves_the_plain_rule_to_speak(caplog):
    broken = stored(made.earning())
    del broken["assessment"]["models"]
    read = case_from_json(broken)
    assert read.assessment is None
    assert wording.sentence(read) == wording.sentence(case_from_json(stored()))
    assert "assessment of a stored verdict cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("part", "name"),
    [("evidence", None), ("judgement", None), ("evidence", "target"), ("evidence", "now"), ("judgement", "state")],
)
def test_without_what_a_sentence_needs_there_is_none_and_the_log_says_so(caplog, part, name):
    broken = stored()
    if name:
        broken[part][name] = {"of": "another shape"}
    else:
        del broken[part]
    with caplog.at_level(logging.WARNING):
        assert case_from_json(broken) is None
    assert "its sentence is missing" in caplog.text


def test_nothing_is_none_in_every_version():
    spoken = case(first_cost_week=None, weekly_limit_minutes=None)
    read = case_from_json(as_json(spoken))
    assert (read.evidence.first_cost_week, read.evidence.weekly_limit_minutes) == (None, None)
    assert read.evidence.target == Fraction(1)


def test_what_shows_a_sentence_imports_no_job():
    code = (
        "import django, sys; django.setup();"
        "from reports.verdicts import case, flags, records, weekly_changes, wording;"
        f"print([name for name in {JOBS!r} if name in sys.modules])"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "EMBEDDED": "true", "DATABASE_URL": "sqlite://:memory:"}
    environment = {**os.environ, **settings, "SECRET_KEY": "for-checks-only-" + "7" * 40}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "[]\n", run.stderr
