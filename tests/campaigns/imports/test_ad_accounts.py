"""Ad accounts and counters of visits: the quirks of each program's file, to the cent and the day."""

from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import tasks
from campaigns.imports.formats.known_formats import recognise
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.warnings import sentences
from campaigns.models import ImportRun, Outcome, Sale, Spend
from campaigns.setup import standard_platforms
from tests.campaigns.imports.importing import examined, imported, written
from tests.factories import PlatformFactory

FILES = Path(__file__).parent / "files"

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def platforms():
    standard_platforms()


def bring(name, kind="spend"):
    return imported(FILES / name, kind, creating=True)


def said(run):
    return " ".join(sentences(run.remarks))


def days():
    found = Spend.objects.order_by("starts_on", "campaign__name")
    return [(str(spend.starts_on), spend.platform.name, str(spend.campaign), spend.amount_cents) for spend in found]


def test_google_ads_with_lines_above_totals_dashes_and_a_credit():
    run = bring("google_ads.csv")
    assert days() == [
        ("2026-03-02", "Search", "Brand", 101_250),
        ("2026-03-03", "Search", "Brand", 1000),
        ("2026-03-03", "Search", "Pmax / All products", -350),
    ]
    assert run.counts["cents"] == 101_900  # what the file calls its total
    assert "lines 8, 9, 10" in said(run)
    assert "1 row is a credit" in said(run)


def test_a_period_above_the_columns_is_that_of_every_row_and_said():
    run = bring("google_ads_french_period.csv")
    assert {(str(spend.starts_on), str(spend.ends_on)) for spend in Spend.objects.all()} == {
        ("2026-03-02", "2026-03-08")
    }
    assert sum(Spend.objects.values_list("amount_cents", flat=True)) == 101_900
    assert "2026-03-02 to 2026-03-08, is that of every row" in said(run)


def test_without_a_period_that_can_be_read_the_days_are_asked_for(tmp_path):
    text = "Campaign report\n{}\nCampaign,Currency code,Cost\nBrand,EUR,10\n"
    for above in ("All time", "3/2/2026 - 3/8/2026", "March 8, 2026 - March 2, 2026"):
        findings = examined(written(tmp_path, text.format(above)), "spend", creating=True)
        assert [question["field"] for question in findings.questions] == ["starts_on"]


def test_linkedin_writes_utf16_with_lines_above_and_the_month_first():
    bring("linkedin_ads.csv")
    assert days() == [
        ("2026-03-02", "LinkedIn", "Décideurs B2B", 12_050),
        ("2026-03-13", "LinkedIn", "Décideurs B2B", 123_075),
    ]


def test_x_pinterest_and_tiktok():
    for name in ("x_ads.csv", "pinterest_ads.csv", "tiktok_ads.csv"):
        bring(name)
    assert days() == [
        ("2026-03-02", "Pinterest", "Kitchens", 1235),
        ("2026-03-02", "X / Twitter", "Spring launch", 4510),
        ("2026-03-02", "TikTok", "UGC spring", 3120),
        ("2026-03-03", "Pinterest", "Kitchens", 850),
        ("2026-03-03", "TikTok", "Spark ads", -500),
        ("2026-03-03", "X / Twitter", "Spring launch", 3990),
        ("2026-03-03", "TikTok", "UGC spring", 2880),
    ]


def test_a_period_in_the_cell_of_a_day_is_a_period(tmp_path):
    text = "Time period,Campaign name,Spend\n2026-03-02 - 2026-03-08,Spring,10\n"
    imported(written(tmp_path, text), "spend", creating=True)
    spend = Spend.objects.get()
    assert (spend.starts_on, spend.ends_on) == (date(2026, 3, 2), date(2026, 3, 8))


LINKEDIN = "Report Start: March 1, 2026\nReport End: March 31, 2026\n\nStart Date (in UTC),Campaign Name,Total Spent\n"


def test_rows_that_all_begin_on_the_first_day_of_the_period_are_of_the_period(tmp_path):
    mapping = ColumnMapping(options={"date_order": "mdy"})
    path = written(tmp_path, f"{LINKEDIN}3/1/2026,Spring,10\n3/1/2026,Autumn,20\n")
    run = imported(path, "spend", mapping=mapping, creating=True)
    assert {(str(spend.starts_on), str(spend.ends_on)) for spend in Spend.objects.all()} == {
        ("2026-03-01", "2026-03-31")
    }
    assert "its amount is of 2026-03-01 to 2026-03-31" in said(run)


def test_rows_by_day_are_of_their_day(tmp_path):
    path = written(tmp_path, f"{LINKEDIN}3/1/2026,Spring,10\n3/13/2026,Spring,20\n")
    run = imported(path, "spend", creating=True)
    assert {str(spend.ends_on) for spend in Spend.objects.all()} == {"2026-03-01", "2026-03-13"}
    assert "its amount is of" not in said(run)


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("Day,Campaign,Cost", "generic"),  # anybody's sheet
        ("Date,Campaign name,Spend", "generic"),
        ("Tag;Kampagne;Währungscode;Kosten", "google_ads"),
        ("Día;Campaña;Tipo de campaña;Coste", "google_ads"),
        ("Giorno;Campagna;Codice valuta;Costo", "google_ads"),
        ("Dag;Campagne;Valutacode;Kosten", "google_ads"),
        ("Day,Campaign name,Amount spent (EUR),Outbound clicks", "meta"),
        ("Date,Campaign name,Spend,Pin clicks", "pinterest_ads"),
        ("Campaign name,Cost,Ad Group Name", "tiktok_ads"),
    ],
)
def test_an_ad_account_is_told_from_others_by_what_only_it_writes(header, source):
    found = recognise(header.replace(",", ";").split(";"), "spend")
    assert (found.key if found else "generic") == source


# -- GA4 --------------------------------------------------------------------------------------------------------------


def test_ga4_counts_by_source_in_the_week_above_and_its_revenue_is_no_sale():
    run = bring("ga4_traffic_acquisition.csv", "outcomes")
    found = Outcome.objects.order_by("platform__name", "-count")
    assert [(str(row.week), row.platform.name, row.measure, row.count) for row in found] == [
        ("2026-03-02", "Facebook", "Sessions", 1120),
        ("2026-03-02", "Facebook", "Engaged sessions", 610),
        ("2026-03-02", "Facebook", "Key events", 12),
        ("2026-03-02", "LinkedIn", "Sessions", 230),
        ("2026-03-02", "LinkedIn", "Engaged sessions", 120),
        ("2026-03-02", "LinkedIn", "Key events", 4),
    ]
    assert not Sale.objects.exists()
    assert "2 rows count visits without a source" in said(run)
    assert "line 15." in said(run)
    assert "“Total revenue”" in said(run)
    assert bring("ga4_traffic_acquisition.csv", "outcomes").counts["written"] == {"same": 6}


def ga4(first, last, header="", *rows):
    return f"# Start date: {first}\n# End date: {last}\n{header}\n" + "".join(f"{row}\n" for row in rows)


def test_ga4_of_a_month_is_asked_for_by_week(tmp_path):
    text = ga4("20260301", "20260331", "Session source / medium,Sessions,Engaged sessions", "facebook / cpc,10,5")
    findings = examined(written(tmp_path, text), "outcomes")
    assert [question["ask"] for question in findings.questions] == ["column"]
    assert "the file is of 2026-03-01 to 2026-03-31" in said(findings)


def test_ga4_by_date_adds_up_by_week(tmp_path):
    header = "Session primary channel group (Default Channel Group),Date,Sessions,Key events"
    rows = ("Email,20260302,10,1", "Email,20260308,5,1", "Email,20260309,7,0", "Unassigned,20260309,7,0")
    imported(written(tmp_path, ga4("20260302", "20260309", header, *rows)), "outcomes")
    sessions = Outcome.objects.filter(measure="Sessions").order_by("week")
    assert [(str(row.week), row.platform.name, row.count) for row in sessions] == [
        ("2026-03-02", "Newsletter", 15),
        ("2026-03-09", "Newsletter", 7),
    ]


def test_who_names_a_column_of_ga4_by_hand_gets_that_one(tmp_path):
    PlatformFactory(name="facebook / cpc")
    header = "Session source / medium,Date,Sessions,Engaged sessions"
    path = written(tmp_path, ga4("20260302", "20260308", header, "facebook / cpc,20260302,10,5"))
    columns = {"count": "Engaged sessions", "platform": "Session source / medium", "day": "Date"}
    mapping = ColumnMapping(columns=columns, constants={"measure": "Visits"})
    imported(path, "outcomes", mapping=mapping)
    outcome = Outcome.objects.get()
    assert (outcome.platform.name, outcome.measure, outcome.count) == ("facebook / cpc", "Visits", 5)


def test_the_page_says_why_a_month_of_ga4_is_asked_about(client, manager):
    client.force_login(manager)
    text = ga4("20260301", "20260331", "Session source / medium,Sessions", "facebook / cpc,10")
    file = SimpleUploadedFile("ga4.csv", text.encode())
    client.post(reverse("campaigns:import_add"), {"kind": "outcomes", "source": "auto", "file": file})
    run = ImportRun.objects.get()
    tasks.check_import(run_id=run.pk)
    page = client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()
    assert "the file is of 2026-03-01 to 2026-03-31" in page


def test_ga4_by_date_and_hour_adds_up_by_week(tmp_path):
    header = (
        "Session primary channel group (Default channel group),Date + hour (YYYYMMDDHH),Users,Sessions,Engaged sessions"
    )
    rows = ("Organic Search,2026030823,8,10,4", "Organic Search,2026030900,2,3,1", "Direct,2026030900,2,3,1")
    imported(written(tmp_path, "# All Users\n" + "\n".join([header, *rows])), "outcomes")
    found = Outcome.objects.filter(measure="Sessions").order_by("week")
    assert [(str(row.week), row.platform.name, row.count) for row in found] == [
        ("2026-03-02", "Search", 10),
        ("2026-03-09", "Search", 3),
    ]


@pytest.mark.parametrize(
    "above",
    [
        "# Start date: 20260302\n# End date: 20260308",
        "# Date de début : 20260302\n# Date de fin : 20260308",
        "# Startdatum: 20260302\n# Enddatum: 20260308",
        "# 20260302-20260308",
        '"Report Start: March 2, 2026, Report End: March 8, 2026"',
        "Date range: 2 mars 2026 au 8 mars 2026",
    ],
)
def test_the_period_above_is_read_however_it_is_written(tmp_path, above):
    header = "Source/Support de la session,Sessions,Sessions avec engagement,Événements clés"
    imported(written(tmp_path, f"{above}\n{header}\nfacebook.com / referral,10,5,1\n"), "outcomes")
    found = Outcome.objects.order_by("-count").values_list("week", "measure", "count")
    assert [(str(week), measure, count) for week, measure, count in found] == [
        ("2026-03-02", "Sessions", 10),
        ("2026-03-02", "Engaged sessions", 5),
        ("2026-03-02", "Key events", 1),
    ]


def test_a_report_of_a_whole_account_has_no_campaigns_and_no_totals(tmp_path):
    header = "Account report\nAll time\nAccount name,Customer ID,Day,Currency code,Cost\n"
    run = imported(written(tmp_path, f"{header}Acme,123-456-7890,2026-03-02,EUR,10\n"), "spend")
    spend = Spend.objects.get()
    assert (run.source, spend.platform.name, spend.campaign, spend.amount_cents) == ("google_ads", "Search", None, 1000)
