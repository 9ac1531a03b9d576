"""The sentences of a verdict, as a director reads them who never heard of statistics."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from core import money
from reports.figures.formatting import in_100
from reports.statistics.results import Range, Refusal, ReturnLag, Silence, WindowEstimate, from_json, to_json
from reports.statistics.states import VerdictState
from reports.verdicts import wording
from reports.verdicts.plain_rule import Window
from reports.verdicts.wording import evidence, refusal_sentences
from tests.reports.statistics import assessments
from tests.reports.verdicts.spoken import case
from tests.reports.world import LAST


@pytest.fixture(autouse=True)
def _english():
    with money.localised(language="en", country="GB", currency="EUR"):
        yield


# A year of work for 42,000, of which 25,200 should be back by now.
YEAR = WindowEstimate(
    months=12, cost_cents=4_200_000, matured_cents=2_520_000, returned_cents=410_000, phi_cents=150_000, amount=16.8,
    p_below=0.979, p_above=0.021, returned=Range(0.16, 0.1, 0.3),
)  # fmt: skip
GOOD = replace(YEAR, returned_cents=4_284_000, p_below=0.021, p_above=0.979, returned=Range(1.7, 1.4, 2.1))
EVEN = replace(YEAR, returned_cents=2_520_000, p_below=0.38, p_above=0.62, returned=Range(1.0, 0.7, 1.3))
TWO_YEARS = replace(
    YEAR, months=24, cost_cents=300_000, matured_cents=180_000, amount=1.29, returned=Range(1.0, 0.2, 2.8)
)
OUTLOOK = (
    "Of what the work of the last 12 months will bring, about 60 % is in. "
    "Counting what is still to come, that makes €{low} to €{high} for each euro. "
)


def assessment(**changes):
    return assessments.earning(**changes)


def losing(now=YEAR, **changes):
    return assessment(state="losing", judged="losing", now=now, **changes)


def unjudged(state, amount, **changes):
    """7,500 of work, of which so many usual sales of 1,500 should be back."""
    now = replace(YEAR, amount=amount, usual_sale_cents=150_000)
    return assessment(state=state, judged="watch", spent_cents=750_000, now=now, delay=PACE, **changes)


PACE = ReturnLag(
    source="agency", share=assessments.pace(), sales=12, half_months=Range(7.8, 5.1, 11.7), taught=0.4
)  # fmt: skip
COST = "The work of the last 12 months cost €42,000. "
DUE = "In that time about €25,200 should have come back, of this work and of older work; "
SURE = "Bad luck alone would not explain it: the chance that it loses money is 97 in 100."


@pytest.mark.parametrize(
    ("amount", "said"), [(1.29, "1.2 of 3 usual sales’ worth due"), (0.09, "hardly anything due yet")]
)
def test_the_clause_of_a_verdict_that_is_not_given_tells_what_is_due(amount, said):
    spoken = case(found=unjudged("too_early", amount))
    assert wording.clause(spoken) == said


SAID = {
    "losing": (losing(), f"{COST}{DUE}€4,100 did. {SURE}"),
    "losing, less sure than it was": (
        losing(replace(YEAR, p_below=0.86, p_above=0.14)),
        f"{COST}{DUE}€4,100 did. "
        "The chance that it loses money was higher and is now 86 in 100; below 80 it is no longer called losing.",
    ),
    "losing, nothing came": (losing(replace(YEAR, returned_cents=0)), f"{COST}{DUE}nothing did. {SURE}"),
    "losing, refunds": (
        losing(replace(YEAR, returned_cents=-90_000)),
        f"{COST}{DUE}more was refunded than came, by €900. {SURE}",
    ),
    "losing against a target": (
        losing(target=1.2),
        f"{COST}To bring back €1.20 for each euro, about €30,240 should have come in in that time; €4,100 did. "
        "Bad luck alone would not explain it: the chance that it misses its target is 97 in 100.",
    ),
    "earning": (
        assessment(now=GOOD),
        f"{COST}{DUE}€42,840 did. All in all, that makes €1.40 to €2.10 for each euro. "
        "The chance that it pays for itself is 97 in 100.",
    ),
    "watch": (
        assessment(state="watch", now=EVEN),
        f"{COST}{DUE}€25,200 did. All in all, that makes €0.70 to €1.30 for each euro. "
        "The chance that it pays for itself is 62 in 100: not sure enough either way.",
    ),
    "too early": (
        unjudged("too_early", 1.29),
        "€7,500 spent so far. Of it about €1,935 should have come back by now: worth 1.2 usual sales of €1,500, and it "
        "takes 3 to tell a trend from luck. Half of it is in after about 8 months: four times in five, between 5 and "
        "12. It can be told once about €2,600 more of work has had its time to pay back.",
    ),
    "too early, flagged": (
        replace(unjudged("too_early", 0.0), judged="losing"),
        "€7,500 spent so far. None of its cost should have come back yet. Half of it is in after about 8 months: four "
        "times in five, between 5 and 12. It can be told once about €4,500 more of work has had its time to pay back. "
        "It stays flagged as losing until more can be said, for eight weeks at most.",
    ),
    "insufficient": (
        unjudged("insufficient", 1.29),
        "€7,500 spent so far. Of it about €1,935 should have come back by now: worth 1.2 usual sales of €1,500, and it "
        "takes 3 to tell a trend from luck. "
        "It can be told once about €2,600 more of work has had its time to pay back.",
    ),
    "losing, with a silence": (
        losing(silence=Silence(first_week="2026-W23", last_week="2026-W33", due=18.4)),
        f"{COST}{DUE}€4,100 did. {SURE} From 2026-W23 to 2026-W33 no sale is recorded, where about 18 were due: if "
        "records are missing, the settings can leave these weeks out.",
    ),
    "the usual sale stands in": (
        losing(replace(YEAR, returned_cents=0), rule="typical_sale"),
        "No sale is known yet, so what a usual sale brings and the usual delay, both from the settings, stand in for "
        f"what is not known. {COST}{DUE}nothing did. {SURE}",
    ),
    "no sales recorded": (
        assessment(state="no_sales", rule="typical_sale", now=None, spent_cents=1_230_000),
        "€12,300 spent so far. It is judged once sales are recorded.",
    ),
    "no usual sale": (
        assessment(
            state="insufficient", now=None, spent_cents=1_230_000, refusals=(Refusal("usual_sale_unknown", 2, 5),)
        ),
        "€12,300 spent so far. Nobody has said what a usual sale brings, and it takes 5 sales to see it (2 so far).",
    ),
}


def earlier(**changes):
    """What version 1 stored."""
    return assessment(version=1, **changes)


def was_losing(now=YEAR, **changes):
    return losing(now, version=1, **changes)


def early(*refusals, **changes):
    return assessments.too_early(refusals=refusals, spent_cents=1_230_000, version=1, **changes)


SAID_BEFORE = {
    "losing": (
        was_losing(),
        "The work of the last 12 months cost €42,000. About €25,200 of that should have come back by now; €4,100 did. "
        "Bad luck alone would not explain it: the chance that it loses money is 97 in 100.",
    ),
    "losing, less sure than it was": (
        was_losing(replace(YEAR, p_below=0.86, p_above=0.14)),
        "The work of the last 12 months cost €42,000. About €25,200 of that should have come back by now; €4,100 did. "
        "The chance that it loses money was higher and is now 86 in 100; below 80 it is no longer called losing.",
    ),
    "losing, all due, nothing came": (
        was_losing(replace(YEAR, matured_cents=4_200_000, returned_cents=0, p_below=0.9999)),
        "The work of the last 12 months cost €42,000. All of that should have come back by now; nothing did. "
        "Bad luck alone would not explain it: the chance that it loses money is more than 99 in 100.",
    ),
    "losing, refunds": (
        was_losing(replace(YEAR, months=6, returned_cents=-90_000)),
        "The work of the last 6 months cost €42,000. About €25,200 of that should have come back by now; "
        "more was refunded than came, by €900. "
        "Bad luck alone would not explain it: the chance that it loses money is 97 in 100.",
    ),
    "losing against a target": (
        was_losing(target=1.2),
        "The work of the last 12 months cost €42,000. To bring back €1.20 for each euro, about €30,240 should have "
        "come in by now; €4,100 did. "
        "Bad luck alone would not explain it: the chance that it misses its target is 97 in 100.",
    ),
    "earning": (
        earlier(now=GOOD),
        OUTLOOK.format(low="1.40", high="2.10") + "The chance that it pays for itself is 97 in 100.",
    ),
    "earning, less sure than it was": (
        earlier(now=replace(GOOD, p_below=0.22, p_above=0.78)),
        OUTLOOK.format(low="1.40", high="2.10") + "The chance that it pays for itself was higher and is now 78 in 100; "
        "below 70 it is no longer called earning.",
    ),
    "earning, all in": (
        earlier(now=replace(GOOD, matured_cents=4_200_000), target=1.2),
        "What the work of the last 12 months will bring is in. Allowing for luck, that is €1.40 to €2.10 for each "
        "euro. The chance that it reaches its target is 97 in 100.",
    ),
    "watch": (
        earlier(state="watch", now=EVEN),
        OUTLOOK.format(low="0.70", high="1.30")
        + "The chance that it pays for itself is 62 in 100: not sure enough either way.",
    ),
    "watch, losing since now": (
        earlier(state="watch", now=YEAR),
        OUTLOOK.format(low="0.10", high="0.30") + "The chance that it loses money is 97 in 100; "
        "once it has been 95 or more for four weeks, it is called losing.",
    ),
    "watch, earning since now": (
        earlier(state="watch", now=GOOD),
        OUTLOOK.format(low="1.40", high="2.10") + "The chance that it pays for itself is 97 in 100; "
        "once it has been 90 or more for four weeks, it is called earning.",
    ),
    "insufficient": (
        earlier(state="insufficient", now=TWO_YEARS),
        "The work of the last 24 months cost €3,000. About €1,800 of that should have come back by now: worth 1.2 "
        "usual sales, and it takes 3 to tell a trend from luck. "
        "It can be told once about €2,600 more of work has had its time to pay back.",
    ),
    "insufficient, nothing due yet": (
        earlier(state="insufficient", now=replace(TWO_YEARS, matured_cents=0, amount=0)),
        "The work of the last 24 months cost €3,000. None of that should have come back yet. "
        "It can be told once about €4,500 more of work has had its time to pay back.",
    ),
    "too early": (
        early(
            Refusal("few_cohorts", 3, 6),
            Refusal("few_sales", 2, 30),
            Refusal("few_cohorts", 4, 6, source="agency"),
            Refusal("few_sales", 12, 30, source="agency", weeks_more=24),
        ),
        "€12,300 spent so far. How long returns take cannot be seen yet: over all platforms, it takes 6 months of work "
        "(4 so far) and 30 sales (12 so far). At the pace so far, that is about 24 weeks away.",
    ),
    "too early, flagged": (
        early(Refusal("few_sales", 12, 30), judged="losing"),
        "€12,300 spent so far. How long returns take cannot be seen yet: it takes 30 sales (12 so far). "
        "It stays flagged as losing until more can be said, for eight weeks at most.",
    ),
    "too early, without a reason": (
        early(),
        "€12,300 spent so far. The records do not yet show how long returns take.",
    ),
    "the typical sale stands in": (
        was_losing(replace(YEAR, returned_cents=0), rule="typical_sale"),
        "No sale is known yet, so what a usual sale brings and the usual delay, both from the settings, stand in for "
        "what is not known. "
        "The work of the last 12 months cost €42,000. About €25,200 of that should have come back by now; nothing did. "
        "Bad luck alone would not explain it: the chance that it loses money is 97 in 100.",
    ),
    "the usual delay stands in": (
        earlier(now=GOOD, delay=ReturnLag(source="guess", share=(0.1, 1.0), sales=0)),
        "There are too few sales to see how long returns take, so the usual delay of the settings stands in. "
        + OUTLOOK.format(low="1.40", high="2.10")
        + "The chance that it pays for itself is 97 in 100.",
    ),
    "plain, losing": (
        was_losing(None, rule="plain", spent_cents=1_230_000),
        "No sale is known yet and the settings name no typical one, so only the plain rule can speak. "
        "€12,300 spent so far. Nothing of it has come back.",
    ),
    "plain, watch": (
        earlier(state="watch", rule="plain", now=None, spent_cents=1_230_000),
        "No sale is known yet and the settings name no typical one, so only the plain rule can speak. €12,300 spent so "
        "far. Nothing of it has come back; if that is still so next week, it is called losing.",
    ),
    "plain, below the minimum": (
        earlier(
            state="insufficient",
            rule="plain",
            now=None,
            spent_cents=230_000,
            refusals=(Refusal("minimum_spend", 230_000, 500_000),),
        ),
        "No sale is known yet and the settings name no typical one, so only the plain rule can speak. "
        "€2,300 spent so far. The plain rule speaks from €5,000 on, and €2,300 was spent.",
    ),
}


@pytest.mark.parametrize(("found", "said"), SAID.values(), ids=SAID)
def test_every_state_says_why_in_plain_words(found, said):
    assert evidence.sentence(found) == said


@pytest.mark.parametrize(("found", "said"), SAID_BEFORE.values(), ids=SAID_BEFORE)
def test_what_version_1_stored_keeps_its_sentences(found, said):
    assert evidence.sentence(from_json(json.loads(json.dumps(to_json(found))))) == said


JARGON = ("phi", "p-value", "posterior", "mack", "gamma", "cohort", "matured", "interval", "variance", "insufficient")


@pytest.mark.parametrize("found", [found for found, _said in (SAID | SAID_BEFORE).values()])
def test_no_sentence_has_a_word_of_statistics(found):
    said = f"{evidence.sentence(found)} {evidence.reason(found)}".lower()
    assert [word for word in JARGON if word in said] == []


REASONS = {
    "losing": (losing(), f"{DUE}€4,100 did."),
    "earning": (assessment(now=GOOD), "All in all, that makes €1.40 to €2.10 for each euro."),
    "insufficient": (
        unjudged("insufficient", 1.29),
        "Of it about €1,935 should have come back by now: worth 1.2 usual sales of €1,500, and it takes 3 to tell a "
        "trend from luck.",
    ),
    "no sales recorded": (
        assessment(state="no_sales", now=None),
        "It is judged once sales are recorded.",
    ),
    "no usual sale": (
        assessment(state="insufficient", now=None, refusals=(Refusal("usual_sale_unknown", 2, 5),)),
        "Nobody has said what a usual sale brings, and it takes 5 sales to see it (2 so far).",
    ),
    "losing before": (was_losing(), "About €25,200 should have come back by now; €4,100 did."),
    "earning before": (earlier(now=GOOD), "Counting what is still to come, that makes €1.40 to €2.10 for each euro."),
    "insufficient before": (
        earlier(state="insufficient", now=TWO_YEARS),
        "What should have come back by now is worth 1.2 usual sales; it takes 3 to tell.",
    ),
    "too early before": (
        early(Refusal("few_sales", 12, 30)),
        "How long returns take cannot be seen yet: it takes 30 sales (12 so far).",
    ),
    "plain before": (was_losing(None, rule="plain", spent_cents=1_230_000), "€12,300 spent so far."),
}


@pytest.mark.parametrize(("found", "said"), REASONS.values(), ids=REASONS)
def test_the_main_figure_in_one_sentence(found, said):
    assert evidence.reason(found) == said


REFUSED = {
    "gap": (
        Refusal("calendar_break", 2, 0, ("2026-W10", "2026-W14")),
        "The records have a gap: 2026-W10 and 2026-W14.",
    ),
    "long gap": (
        Refusal("calendar_break", 5, 0, ("a", "b", "c", "d", "e")),
        "The records have a gap: a, b, c and 2 more.",
    ),
    "silence": (
        Refusal("calendar_break", 7.2, 5),
        "For months no sale is recorded where about 7 were due. Were they entered elsewhere, or does the record begin "
        "in the middle?",
    ),
    "uneven": (
        Refusal("wide_error", 0.8, 0.5),
        "The sales so far are so uneven that what is still to come could be off by 80 %; 50 % would do.",
    ),
    "open end": (
        Refusal("open_end", 0.31, 0.2),
        "Even the oldest work is still bringing sales, so the end of the returns is not in sight: 31 % of them came in "
        "its latest months, at most 20 % would do.",
    ),
    "empty": (Refusal("empty_column", 2, 0), "So little has come back so far that no pace can be seen in it."),
    "unknown": (Refusal("something new", 1, 2), "The records do not yet show how long returns take."),
}


@pytest.mark.parametrize(("refusal", "said"), REFUSED.values(), ids=REFUSED)
def test_each_refusal_says_what_is_missing(refusal, said):
    assert refusal_sentences([refusal]) == [said]


@pytest.mark.parametrize(
    ("refusals", "said"),
    [
        ([Refusal("few_sales", 12, 30, weeks_more=14), Refusal("few_cohorts", 5, 6)], "14 weeks"),
        ([Refusal("few_sales", 29, 30, weeks_more=1), Refusal("few_cohorts", 3, 6)], "12 weeks"),
        ([Refusal("few_sales", 29, 30, weeks_more=1), Refusal("open_end", 0.3, 0.2)], "1 week"),
    ],
)
def test_when_there_will_be_enough_is_said(refusals, said):
    assert refusal_sentences(refusals)[1] == f"At the pace so far, that is about {said} away."


@pytest.mark.parametrize(
    ("refusals", "said"),
    [
        ([Refusal("few_sales", 1, 30, weeks_more=464)], "At the pace so far, that is not within two years."),
        ([Refusal("few_sales", 6, 30, weeks_more=105)], "At the pace so far, that is not within two years."),
        ([Refusal("few_sales", 6, 30, weeks_more=104)], "At the pace so far, that is about 104 weeks away."),
        (
            [Refusal("few_sales", 2, 30, weeks_more=60), Refusal("few_cohorts", 5, 6)],
            "So few sales show no pace yet, so nobody can say when that will be.",
        ),
        ([Refusal("few_sales", 3, 30, weeks_more=60)], "At the pace so far, that is about 60 weeks away."),
    ],
)
def test_no_number_of_weeks_is_said_that_the_sales_do_not_carry(refusals, said):
    assert refusal_sentences(refusals)[1] == said


def test_nobody_knows_when_there_will_be_enough_without_any_sale():
    said = refusal_sentences([Refusal("few_sales", 0, 30), Refusal("few_cohorts", 5, 6)])
    assert len(said) == 1


@pytest.mark.parametrize(
    ("chance", "said"),
    [(0, "less than 1 in 100"), (0.0099, "less than 1 in 100"), (0.0101, "1 in 100"), (0.9499, "94 in 100"),
     (0.95, "95 in 100"), (0.99, "99 in 100"), (0.991, "more than 99 in 100"), (1, "more than 99 in 100")],
)  # fmt: skip
def test_no_chance_is_rounded_up_to_a_threshold(chance, said):
    assert in_100(chance) == said


# -- the plain rule beside it -----------------------------------------------------------------------------------------


PLAIN = {
    "losing": ({}, "losing – the last 13 weeks cost €4,200 more than they brought."),
    "one week": ({"weeks": 1}, "losing – the last week cost €4,200 more than it brought."),
    "target": ({"target": Fraction(2)}, "losing – the last 13 weeks were €14,200 short of their target."),
    "watch": (
        {"before": Window(Fraction(1), 1)},
        "watch – the last 13 weeks cost €4,200 more than they brought. A week earlier that was not so.",
    ),
    "earning": ({"revenue": 1_300_000}, "earning – the last 13 weeks brought €3,000 more than they cost."),
    "earning below its cost": (
        {"target": Fraction(1, 2)},
        "earning – the last 13 weeks cost €4,200 more than they brought, and still reached their target.",
    ),
    "too early": (
        {"first_cost_week": LAST.plus(-2)},
        "too early – it needs 10 weeks more before it is looked at.",
    ),
    "no data": ({"cost": 0, "revenue": 0}, "no data – nothing was spent in the last 13 weeks."),
    "one sale": (
        {"revenue": 1_300_000, "biggest_sale_cents": 650_000},
        "earning – the last 13 weeks brought €3,000 more than they cost. "
        "One sale is 50 % of this revenue: without it the platform would be below its target.",
    ),
}


@pytest.mark.parametrize(("changes", "said"), PLAIN.values(), ids=PLAIN)
def test_the_plain_rule_is_said_beside_the_verdict(changes, said):
    assert wording.plain_rule_note(case(found=assessment(), **changes)) == said


def test_the_plain_rule_alone_is_not_said_twice():
    alone = case()
    assert wording.plain_rule_note(alone) == ""
    assert wording.sentence(alone).startswith("Cost €4,200 more than it brought. The target needs")


def test_a_doubt_about_the_plain_rule_is_not_one_about_the_evidence():
    found = case(
        found=replace(assessment(now=GOOD), models={}),
        revenue=1_300_000,
        biggest_sale_cents=650_000,
        unrated_minutes=600,
    )
    said = wording.sentence(found)
    assert "One sale" not in said
    assert said.endswith("97 in 100. 10 h have no rate, so the true cost is higher.")


def test_a_verdict_that_depends_on_the_credit_model_says_so():
    unsure = case(found=assessment(state="watch", now=EVEN))
    assert wording.sentence(unsure).endswith("This depends on the attribution model.")


def test_a_verdict_that_is_sure_on_average_over_the_models_does_not():
    assert "attribution model" not in wording.sentence(case(found=assessment()))


def test_a_platform_that_was_given_up_has_no_data_whatever_the_evidence_says():
    given_up = case(cost=0, revenue=0, found=replace(losing(), models={}))
    assert given_up.state is VerdictState.NO_DATA
    assert wording.sentence(given_up) == "No hours and no spend in 13 weeks."


def test_the_sentences_are_in_the_agencys_money():
    with money.localised(language="en", country="CA", currency="CAD"):
        assert "about $25,200" in evidence.sentence(losing())
        assert "$2.10 for each Canadian dollar" in evidence.sentence(assessment(now=GOOD))
