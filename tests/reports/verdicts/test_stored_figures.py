"""Figures that were stored by any version before this one are read, with the sentences that rest on them."""

from dataclasses import replace

from reports.figures.totals import Figures
from reports.verdicts.evaluation import as_json
from reports.verdicts.records import case_from_json
from reports.verdicts.wording import sentence
from tests.reports.verdicts.spoken import case

FIGURES = Figures(minutes=6_000, leads_millionths=2_500_000, qualified_millionths=1_000_000, sales_millionths=500_000)
# Word for word what the first version wrote.
STORED = {
    "minutes": 6_000,
    "unrated_minutes": 0,
    "labour_cent_minutes": 0,
    "spend_cents": 0,
    "leads_m": 2_500_000,
    "qualified_m": 1_000_000,
    "sales_m": 500_000,
    "revenue_cents": 0,
}


def test_the_names_of_stored_figures_stay():
    assert as_json(replace(case(), figures=FIGURES))["figures"] == STORED


def test_a_verdict_of_the_first_version_keeps_its_figures_and_its_sentence():
    spoken = case()
    read = case_from_json(as_json(spoken) | {"figures": STORED})
    assert read is not None
    assert read.figures == FIGURES
    assert sentence(read) == sentence(spoken) != ""
