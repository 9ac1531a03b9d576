"""Another attribution model is one function, one line and one migration; all else follows, on data that is there.

tests/reports/attribution/eighth_model.py adds it, in a process of its own.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from campaigns.attribution import MODELS, PATH_MODELS
from campaigns.models.agency import MODEL_CHOICES
from reports.attribution.sums import CREDITED_COUNTS
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import app, databases
from tests.reports.attribution import recount

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, Any]:
    """What the installation says after the model was added to what it had counted before."""
    folder = tmp_path_factory.mktemp("eighth_model")
    databases.copy_file(folder / "retour.sqlite3")
    environment = app.settings_in(folder)
    for step in ("before", "after"):
        command = [sys.executable, "-m", "tests.reports.attribution.eighth_model", step]
        done = subprocess.run(command, cwd=app.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def test_its_migration_adds_the_columns_and_the_choice_and_nothing_else(found):
    """Django writes it: `makemigrations`."""
    rollups = {f"{count.name}_w_shaped" for count in CREDITED_COUNTS.values()}
    assert set(found["operations"]) == {
        "AddField credit.share_w_shaped",
        "AddField credit.cents_w_shaped",
        *(f"AddField {table}.{column}" for table in ("campaignweek", "platformweek") for column in rollups),
        "AlterField agency.credit_model",
        "AlterField historicalagency.credit_model",
    }


def test_its_columns_hold_nothing_until_the_migration_asks_for_all_to_be_computed(found):
    for rollup in found["not_marked"].values():
        assert all(rollup[f"{count.name}_linear"] > 0 for count in CREDITED_COUNTS.values())
        assert all(rollup[f"{count.name}_w_shaped"] == 0 for count in CREDITED_COUNTS.values())
    assert found["marks"] > 0


def test_the_next_drain_credits_every_lead_and_sale_whole(found):
    for rollup in found["marked"].values():
        assert [rollup[f"{count.name}_w_shaped"] for count in CREDITED_COUNTS.values()] == [
            rollup[f"{count.name}_linear"] for count in CREDITED_COUNTS.values()
        ]


def test_the_nightly_rebuild_calls_nothing_a_defect(found):
    assert found["defects"] == []


def test_it_knows_when_the_lead_came_in(found):
    """First, nearest before the lead, last: 30 % each. The other one gets the rest."""
    assert found["sale"] == {
        "Xing": [300_000, 30_000],
        "Reddit": [100_000, 10_000],
        "": [300_000, 30_000],
        "Mastodon": [300_000, 30_000],
    }


def test_figures_verdicts_and_the_settings_know_it(found):
    assert found["figures"]["Xing"] == 300
    assert found["figures"]["Reddit"] == 100
    assert found["label"] == "W-shaped"
    names = sorted([*(model.name for model in MODELS), "w_shaped"])
    assert found["judged"] == [names] * len(found["judged"]) != []


# -- the models that there are ----------------------------------------------------------------------------------------


def test_each_model_by_path_has_its_choice_and_its_columns():
    names = [model.name for model in PATH_MODELS]
    assert [name for name, _label in MODEL_CHOICES] == names
    for table, counts in ((Credit, ("share", "cents")), *((table, COUNTS) for table in (CampaignWeek, PlatformWeek))):
        columns = {field.name for field in table._meta.fields}
        assert columns >= {f"{count}_{name}" for count in counts for name in names}


COUNTS = [count.name for count in CREDITED_COUNTS.values()]


def test_the_recount_knows_every_model_and_every_count():
    assert set(recount.WEIGHTS) == {model.name for model in PATH_MODELS}
    assert set(recount.COUNTED) == set(COUNTS)
