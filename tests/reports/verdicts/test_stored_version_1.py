"""What the first version of the records stored, one verdict of each state, still says its sentence everywhere.

`stored_version_1.json` was written by that version and is never written again: a later one reads it.
"""

import json
import re
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Agency
from core import money
from reports.attribution import rollups
from reports.models import Flag, FlagKind, Verdict
from reports.verdicts import wording
from reports.verdicts.case import case_from_json
from tests import factories
from tests.reports.pages.test_dashboard import plain, text
from tests.reports.world import LAST, NOW

STORED = json.loads(Path(__file__).with_name("stored_version_1.json").read_text(encoding="utf-8"))
NAMES = list(STORED)
# Words of rules and refusals that nothing says any more are kept as they were; the others may be worded anew.
GONE = [name for name in NAMES if "plain" in name or "usual sale" in name or name.startswith("too early:")]


@pytest.fixture(autouse=True)
def _english():
    with time_machine.travel(NOW, tick=False), money.localised(language="en", country="GB", currency="EUR"):
        yield


def numbers(sentence: str) -> list[str]:
    return sorted(re.findall(r"\d+", sentence.replace(",", "")))


def test_all_of_it_is_of_the_first_version():
    assert {stored["figures"]["assessment"]["version"] for stored in STORED.values()} == {1}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_and_says_the_same_figures(name, caplog):
    stored = STORED[name]
    read = case_from_json(stored["figures"])
    assert read is not None
    assert read.assessment is not None
    assert read.state.value == stored["state"]
    assert numbers(wording.sentence(read)) == numbers(stored["sentence"])
    assert wording.reason(read)
    assert not caplog.records


@pytest.mark.parametrize("name", GONE)
def test_rules_and_refusals_that_are_gone_keep_their_words(name):
    assert wording.sentence(case_from_json(STORED[name]["figures"])) == STORED[name]["sentence"]


@pytest.mark.parametrize("name", NAMES)
def test_dashboard_platform_page_and_flags_say_it(name, client, director):
    stored = STORED[name]
    platform = factories.PlatformFactory(name="Facebook")
    factories.SpendFactory(platform=platform, starts_on=LAST.monday, ends_on=LAST.sunday)
    rollups.drain()
    Verdict.objects.create(
        platform=platform, week=LAST.monday, state=stored["state"], plain_state="losing", figures=stored["figures"],
        evaluated_at=NOW,
    )  # fmt: skip
    Flag.objects.create(platform=platform, kind=FlagKind.LOSING, raised_on=LAST.monday, figures=stored["figures"])
    client.force_login(director)
    Agency.current()
    Agency.objects.update(country="GB")
    case = case_from_json(stored["figures"])
    said = plain(wording.sentence(case))
    for address in (reverse("reports:platform", args=[platform.pk]), "/flags/"):
        assert said in plain(text(client.get(address))), address
    assert plain(wording.clause(case)) in plain(text(client.get(reverse("reports:dashboard"))))
