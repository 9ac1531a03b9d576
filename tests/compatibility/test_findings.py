"""Verdicts, flags and comparisons that Retour 0.1 stored are read to the same meaning, and their pages say it.

Sentences may be worded anew, so their figures are held against those that 0.1 told, in both languages. What is read and
stored again must hold each value that was stored, whatever its field is called by now.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from core import money
from core.weeks import Week
from reports.comparisons import page as comparison_page
from reports.comparisons import records as comparisons
from reports.models import Comparison, Evaluation, Flag, Verdict
from reports.statistics import results
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation, flags, records
from reports.verdicts.case import as_json, case_from_json
from tests.compatibility.conftest import NOW, STORED

pytestmark = pytest.mark.django_db

LANGUAGES = ["en", "fr"]
GROUPED = re.compile(r"(?<=\d)[\s.,'’](?=\d)")


def told(kind: str) -> list[int]:
    """The keys of what 0.1 told sentences of."""
    return [int(name.split()[1]) for name in STORED["told"] if name.startswith(f"{kind} ")]


def figures(*sentences: str) -> Counter[str]:
    """The digits of each number, however a language groups them."""
    return Counter(re.findall(r"\d+", " | ".join(GROUPED.sub("", one) for one in sentences)))


def in_language(language: str) -> Any:
    return money.localised(language=language, country="FR", currency="EUR")


def values(stored: Any) -> Iterator[str]:
    """Each value within a record, without the names of its fields."""
    if isinstance(stored, dict):
        for one in stored.values():
            yield from values(one)
    elif isinstance(stored, list | tuple):
        for one in stored:
            yield from values(one)
    elif stored is not None:
        yield str(stored)


def text_of(answer: Any) -> str:
    """What a page says, with one space between words."""
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(html.unescape(bare).split())


# -- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pk", told("verdict"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_tells_the_same_figures(before, pk, language):
    with in_language(language):
        spoken = records.StoredVerdict.of(Verdict.objects.get(pk=pk))
        assert figures(spoken.sentence, spoken.plain_rule) == figures(*before["told"][f"verdict {pk}"])
    assert bool(spoken.plain_rule) == (len(before["told"][f"verdict {pk}"]) == 2)


@pytest.mark.parametrize("pk", told("verdict"))
def test_a_verdict_loses_no_value(before, pk):
    """A field that has another name by now needs a reader of the old one: else the case is None, and nobody sees it."""
    verdict = Verdict.objects.get(pk=pk)
    case = case_from_json(verdict.figures)
    assert case is not None, "what was stored cannot be read any more, and its sentences vanish without a word"
    assert Counter(values(as_json(case))) == Counter(values(verdict.figures))
    assert case.state == verdict.state
    assert (case.assessment is None) == (verdict.figures.get("assessment") is None)


def test_the_figures_of_a_verdict_are_those_that_were_stored(before):
    verdict = Verdict.objects.get(pk=told("verdict")[0])
    stored, case = verdict.figures["figures"], case_from_json(verdict.figures)
    assert case.figures.leads * 1_000_000 == stored["leads_m"] > 0
    assert case.figures.qualified * 1_000_000 == stored["qualified_m"] > 0
    assert case.figures.sales * 1_000_000 == stored["sales_m"] > 0
    assert case.figures.revenue_cents == stored["revenue_cents"] > 0
    assert case.figures.minutes == stored["minutes"] > 0


def test_platforms_are_judged_after_what_was_judged_before(before):
    """The last state that was judged decides how much a new one must show; it is looked up by its name in JSON.

    *Insufficient* was a judgement then, and is none now.
    """
    stored = {one.platform_id: one.figures["assessment"]["judged"] for one in judged_before()}
    judged = {platform: state for platform, state in stored.items() if state != VerdictState.INSUFFICIENT}
    assert len(stored) > len(judged) >= 4
    found = evaluation._judged_before(Week.containing(NOW.date()))
    assert {platform: state.value for platform, (_week, state) in found.items()} == judged


def judged_before() -> list[Verdict]:
    rows = Verdict.objects.order_by("week")
    return [one for one in rows if (one.figures.get("assessment") or {}).get("judged")]


def test_a_platforms_page_says_what_was_stored(browser_of, before):
    browser = browser_of("director")
    for stored in Evaluation.objects.all():
        spoken = records.StoredVerdict.of(Verdict.objects.get(platform=stored.platform_id, week=stored.week))
        page = text_of(browser.get(f"/platforms/{stored.platform_id}/figures/?from=2026-W34&to=2026-W46"))
        with in_language("en"):
            assert " ".join(spoken.sentence.split()) in page


def test_an_evaluation_loses_no_value(before):
    rows = list(Evaluation.objects.all())
    assert len(rows) == 3
    for row in rows:
        found = results.from_json(row.results)
        assert found is not None
        assert Counter(values(results.to_json(found))) == Counter(values(row.results))


# -- flags ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pk", told("flag"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flag_tells_the_figures_that_it_was_raised_on(before, pk, language):
    with in_language(language):
        (flag,) = flags.flag_views([Flag.objects.get(pk=pk)], {}, NOW)
        sentences = [one for one in (flag.sentence, flag.then_words, flag.then_plain) if one]
    assert figures(*sentences) == figures(*before["told"][f"flag {pk}"])
    assert len(sentences) == len(before["told"][f"flag {pk}"])


def test_the_page_of_flags_says_what_they_were_raised_on(browser_of, before):
    page = text_of(browser_of("director").get("/flags/"))
    with in_language("en"):
        for flag in flags.flag_views(Flag.objects.all(), {}, NOW):
            assert " ".join(flag.then_words.split()) in page


# -- comparisons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pk", told("comparison"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_tells_the_same_figures(before, pk, language):
    with in_language(language):
        view = comparison_page.comparison_view(Comparison.objects.get(pk=pk).campaign, at=NOW, shows_money_out=True)
        sentences = [one for one in (view.answer, view.gain, view.result, *view.under, *view.missing) if one]
    assert not view.is_waiting
    assert figures(*sentences) == figures(*before["told"][f"comparison {pk}"])
    assert len(sentences) == len(before["told"][f"comparison {pk}"])


@pytest.mark.parametrize("pk", told("comparison"))
def test_a_comparison_loses_no_value(before, pk):
    stored = Comparison.objects.get(pk=pk).results
    read = comparisons.from_json(stored)
    assert read is not None
    assert Counter(values(comparisons.to_json(read))) == Counter(values(stored))


def test_the_page_of_a_comparison_says_it(browser_of, before):
    pages = {pk: text_of(browser_of("director").get(address(pk))) for pk in told("comparison")}
    for pk, page in pages.items():
        with in_language("en"):
            view = comparison_page.comparison_view(Comparison.objects.get(pk=pk).campaign, at=NOW, shows_money_out=True)
        assert all(" ".join(one.split()) in page for one in (view.answer, *view.missing))


def address(pk: int) -> str:
    return f"/campaigns/{Comparison.objects.get(pk=pk).campaign_id}/comparison/"
