"""Every fixture file, from its bytes to rows in the database and back out again."""

from pathlib import Path

import pytest

from campaigns.imports.formats.known_formats import FILE_FORMATS
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ImportedRow, Lead, Sale, Spend, Touch
from tests.campaigns.imports.importing import imported, undone
from tests.factories import LeadFactory, MemberFactory
from timesheets.models import TimeEntry

FILES = Path(__file__).parent / "files"
DAY_FIRST = ColumnMapping(options={"date_order": "dmy"})
RECEIVED = ColumnMapping(constants={"received_at": "2026-03-02"})

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def people_and_leads():
    """Who the files without addresses or with links speak of."""
    for name in ("Ada Byron", "Yann Le Goff", "Jürgen Groß"):
        MemberFactory(name=name)
    LeadFactory(external_id="L-1", name="Zoë Ångström", company="Brasserie Nord", received_at="2026-03-01T00:00Z")


@pytest.mark.parametrize(
    ("name", "kind", "source", "mapping", "made"),
    [
        ("toggl.csv", "hours", "toggl", ColumnMapping(), 4),
        ("clockify_ambiguous.csv", "hours", "clockify", DAY_FIRST, 2),
        ("clockify_short_rows.csv", "hours", "clockify", ColumnMapping(), 2),
        ("harvest.csv", "hours", "harvest", ColumnMapping(), 2),
        ("harvest_2015_german.csv", "hours", "harvest", ColumnMapping(), 2),
        ("kimai.csv", "hours", "kimai", ColumnMapping(), 1),
        ("kimai_german.csv", "hours", "kimai", ColumnMapping(), 1),
        ("solidtime.csv", "hours", "solidtime", ColumnMapping(), 3),
        ("jira_tempo.csv", "hours", "jira", ColumnMapping(), 2),
        ("jira_worklogs.csv", "hours", "jira", ColumnMapping(), 2),
        ("jira_issues.csv", "hours", "jira", ColumnMapping(), 2),
        ("hours_generic.csv", "hours", "generic", ColumnMapping(), 2),
        ("tabs_utf16.csv", "hours", "generic", ColumnMapping(), 1),
        ("hubspot_contacts.csv", "leads", "hubspot", ColumnMapping(), 2),
        ("salesforce_leads.csv", "leads", "salesforce", RECEIVED, 1),
        ("leads_generic.csv", "leads", "generic", ColumnMapping(), 1),
        ("leads_sheet_french.csv", "leads", "sheet", ColumnMapping(), 3),
        ("hubspot_deals.csv", "sales", "hubspot", ColumnMapping(), 1),
        ("pipedrive_deals.csv", "sales", "pipedrive", ColumnMapping(), 1),
        ("sales_generic.csv", "sales", "generic", ColumnMapping(), 2),
        ("stripe_payments.csv", "sales", "stripe", ColumnMapping(), 3),
        ("shopify_orders.csv", "sales", "shopify", ColumnMapping(), 3),
        ("meta_spend.csv", "spend", "meta", ColumnMapping(), 2),
        ("meta_spend_french.csv", "spend", "meta", ColumnMapping(), 2),
        ("google_ads.csv", "spend", "google_ads", ColumnMapping(), 3),
        ("google_ads_french_period.csv", "spend", "google_ads", ColumnMapping(), 2),
        ("linkedin_ads.csv", "spend", "linkedin_ads", ColumnMapping(), 2),
        ("x_ads.csv", "spend", "x_ads", ColumnMapping(), 2),
        ("pinterest_ads.csv", "spend", "pinterest_ads", ColumnMapping(), 2),
        ("tiktok_ads.csv", "spend", "tiktok_ads", ColumnMapping(), 3),
        ("spend_generic.csv", "spend", "generic", ColumnMapping(), 2),
    ],
)
def test_each_shape_is_recognised_imported_once_and_undone(name, kind, source, mapping, made):
    model = {"hours": TimeEntry, "leads": Lead, "sales": Sale, "spend": Spend}[kind]
    before = model.objects.count()
    run = imported(FILES / name, kind, mapping=mapping, creating=True)
    assert run.source == source
    assert model.objects.count() - before == made
    again = imported(FILES / name, kind, mapping=mapping, creating=True)
    assert set(again.counts["written"]) == {"same"}
    undone(run)
    assert model.objects.count() == before
    assert not ImportedRow.objects.exists()


def test_the_generic_touches_come_in():
    LeadFactory(external_id="L-2")
    imported(FILES / "touches_generic.csv", "touches", creating=True)
    assert Touch.objects.count() == len((FILES / "touches_generic.csv").read_text().splitlines()) - 1


def test_the_documentation_names_each_program_whose_files_are_known():
    page = (Path(__file__).resolve().parents[3] / "docs" / "imports.md").read_text()
    named = {file_format.label.split()[0] for file_format in FILE_FORMATS if file_format.key != "generic"}
    assert not {label for label in named if label not in page}
    assert not {file_format.key for file_format in FILE_FORMATS if file_format.key not in page}
