from pathlib import Path

import pytest

from campaigns.imports.files.file_reader import open_table
from campaigns.imports.files.headers import header_currency, header_key, speaks_of_money
from campaigns.imports.formats.deal_stages import standing_of
from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.known_formats import FILE_FORMATS, find_format, recognise
from campaigns.imports.formats.lead_statuses import LEAD_STATUSES
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.opening import open_for
from core.dates import DateColumn, parse_date, parse_moment
from core.numbers import NumberColumn, parse_cents
from timesheets.durations import parse

FILES = Path(__file__).parent / "files"

EXPORTS = [
    ("toggl.csv", "toggl", "hours"),
    ("clockify_short_rows.csv", "clockify", "hours"),
    ("clockify_ambiguous.csv", "clockify", "hours"),
    ("harvest.csv", "harvest", "hours"),
    ("harvest_2015_german.csv", "harvest", "hours"),
    ("kimai.csv", "kimai", "hours"),
    ("kimai_german.csv", "kimai", "hours"),
    ("solidtime.csv", "solidtime", "hours"),
    ("jira_tempo.csv", "jira", "hours"),
    ("jira_worklogs.csv", "jira", "hours"),
    ("jira_issues.csv", "jira", "hours"),
    ("hours_generic.csv", "generic", "hours"),
    ("separator_line.csv", "generic", "hours"),
    ("tabs_utf16.csv", "generic", "hours"),
    ("hubspot_contacts.csv", "hubspot", "leads"),
    ("salesforce_leads.csv", "salesforce", "leads"),
    ("leads_generic.csv", "generic", "leads"),
    ("leads_sheet_french.csv", "sheet", "leads"),
    ("touches_generic.csv", "generic", "touches"),
    ("hubspot_deals.csv", "hubspot", "sales"),
    ("pipedrive_deals.csv", "pipedrive", "sales"),
    ("stripe_payments.csv", "stripe", "sales"),
    ("shopify_orders.csv", "shopify", "sales"),
    ("sales_generic.csv", "generic", "sales"),
    ("meta_spend.csv", "meta", "spend"),
    ("meta_spend_french.csv", "meta", "spend"),
    ("google_ads.csv", "google_ads", "spend"),
    ("google_ads_french_period.csv", "google_ads", "spend"),
    ("linkedin_ads.csv", "linkedin_ads", "spend"),
    ("x_ads.csv", "x_ads", "spend"),
    ("pinterest_ads.csv", "pinterest_ads", "spend"),
    ("tiktok_ads.csv", "tiktok_ads", "spend"),
    ("spend_generic.csv", "generic", "spend"),
    ("outcomes_generic.csv", "generic", "outcomes"),
    ("ga4_traffic_acquisition.csv", "ga4", "outcomes"),
]


def read(name: str) -> tuple[FileFormat, list[dict[str, str]]]:
    """Return the source of a file of ours, and its wanted rows by our fields."""
    table = open_table(FILES / name)
    source = recognise(table.header)
    assert source is not None
    located = source.locate(table.header)
    rows = [{field: row.cells[index] for field, index in located.items()} for row in table.rows()]
    wanted = [
        row
        for row in rows
        if all(
            standing_of(row[name]) == "won" for name in ("stage", "status") if name in row and source.kind == "sales"
        )
        and all(row[field] for field in source.blank_in_totals)
    ]
    return source, wanted


@pytest.mark.parametrize(("name", "key", "kind"), EXPORTS, ids=[name for name, _, _ in EXPORTS])
def test_an_export_is_recognised_by_its_header(name: str, key: str, kind: str) -> None:
    header = open_for(FILES / name, kind, ColumnMapping()).header
    for source in (recognise(header), recognise(header, kind)):
        assert source is not None
        assert (source.key, source.kind) == (key, kind)


def test_every_source_has_a_file_in_these_tests() -> None:
    assert {(source.key, source.kind) for source in FILE_FORMATS} == {(key, kind) for _, key, kind in EXPORTS}


def test_a_file_of_another_kind_or_of_nothing_known_is_not_recognised() -> None:
    assert recognise(open_table(FILES / "toggl.csv").header, "sales") is None
    assert recognise(["mql_id", "first_contact_date", "origin"]) is None
    assert recognise([]) is None


def test_contacts_are_recognised_by_whatever_columns_were_chosen_and_deals_are_no_contacts() -> None:
    assert recognise(["Original Source", "Create Date", "Record ID"], "leads") is find_format("hubspot", "leads")
    assert recognise(open_table(FILES / "hubspot_deals.csv").header, "leads") is None


def test_headers_are_matched_without_case_spaces_and_currency() -> None:
    header = [" DAY ", "campaign\u00a0NAME", "Amount  spent (CAD)", "\ufeffImpressions"]
    source = recognise(header)
    assert source is not None
    assert source.locate(header) == {"starts_on": 0, "campaign": 1, "amount": 2}
    assert header_currency(header[2]) == "CAD"
    assert header_currency("Duration (decimal)") is None
    assert header_key("Duration (decimal)") == "duration (decimal)"


def test_of_equal_headers_the_first_counts() -> None:
    source = find_format("generic", "hours")
    assert source is not None
    assert source.locate(["date", "hours", "Date", "hours"]) == {"day": 0, "duration": 1}


def test_a_source_is_found_by_name_for_its_kind_only() -> None:
    assert find_format("hubspot", "sales") is not find_format("hubspot", "leads")
    assert find_format("toggl", "sales") is None


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("toggl.csv", [90, 18, 45]),
        ("clockify_short_rows.csv", [90, 135]),
        ("harvest.csv", [90, 15]),
        ("harvest_2015_german.csv", [90, 45]),
        ("kimai.csv", [90]),
        ("kimai_german.csv", [105]),
        ("hours_generic.csv", [90, 15]),
    ],
)
def test_the_hours_of_every_tracker_are_read(name: str, minutes: list[int]) -> None:
    _, rows = read(name)
    assert [parse(row["duration"]) for row in rows] == minutes


@pytest.mark.parametrize(
    ("name", "field", "order", "days"),
    [
        ("toggl.csv", "day", "ymd", ["2026-03-02", "2026-03-02", "2026-03-03"]),
        ("clockify_short_rows.csv", "day", "mdy", ["2026-03-02", "2026-03-26"]),
        ("harvest_2015_german.csv", "day", "dmy", ["2015-01-26", "2015-02-02"]),
        ("kimai_german.csv", "day", "dmy", ["2026-03-02"]),
        ("hubspot_contacts.csv", "received_at", "ymd", ["2026-03-02", "2026-03-09"]),
        ("hubspot_deals.csv", "sold_on", "ymd", ["2026-03-30"]),
        ("pipedrive_deals.csv", "sold_on", "ymd", ["2026-03-30"]),
        ("meta_spend_french.csv", "starts_on", "ymd", ["2026-03-02", "2026-03-03"]),
    ],
)
def test_the_days_of_every_source_are_read(name: str, field: str, order: str, days: list[str]) -> None:
    _, rows = read(name)
    column = DateColumn()
    for row in rows:
        column.add(row[field])
    assert column.order == order
    assert [parse_date(row[field], column.day_order).isoformat() for row in rows] == days


def test_a_column_of_ambiguous_days_has_to_be_asked_about() -> None:
    _, rows = read("clockify_ambiguous.csv")
    column = DateColumn()
    for row in rows:
        column.add(row["day"])
    assert column.must_ask


@pytest.mark.parametrize(
    ("name", "cents"),
    [
        ("meta_spend.csv", [123_45, 76_55]),
        ("meta_spend_french.csv", [1_234_56, 76_55]),
        ("spend_generic.csv", [1_234_50, 99_90]),
        ("sales_generic.csv", [12_000_00, -2_000_00]),
        ("hubspot_deals.csv", [12_000_00]),
        ("pipedrive_deals.csv", [12_000_50]),
    ],
)
def test_the_amounts_of_every_source_are_read_without_totals_and_lost_deals(name: str, cents: list[int]) -> None:
    _, rows = read(name)
    column = NumberColumn()
    for row in rows:
        column.add(row["amount"])
    assert not column.must_ask
    assert [parse_cents(row["amount"], column.decimal_sign) for row in rows] == cents


def test_people_are_found_by_e_mail_or_by_name() -> None:
    assert read("toggl.csv")[1][0]["email"] == "chloe@agence.example"
    kimai = read("kimai.csv")[1][0]
    assert (kimai["email"], kimai["name"], kimai["user"]) == ("ada@agence.example", "Ada Byron", "ada")
    german = read("kimai_german.csv")[1][0]
    assert (german["email"], german["name"], german["user"]) == ("juergen@agentur.example", "Jürgen Groß", "jgross")
    harvest = read("harvest_2015_german.csv")[1][0]
    assert (harvest["first_name"], harvest["last_name"]) == ("Jürgen", "Groß")


def test_clockify_finds_client_last_and_task_as_activity_even_in_a_short_row() -> None:
    _, rows = read("clockify_short_rows.csv")
    assert [(row["client"], row["task"]) for row in rows] == [("Brasserie Nord", "Spring"), ("", "")]


def test_joined_values_name_their_separator() -> None:
    source, rows = read("hubspot_deals.csv")
    assert rows[0]["lead_external_id"].split(source.many["lead_external_id"]) == ["4711", "4712"]


def test_an_instant_with_an_offset_keeps_it() -> None:
    _, rows = read("touches_generic.csv")
    assert parse_moment(rows[0]["at"]).utcoffset() is not None


def test_statuses_of_other_programs_become_ours() -> None:
    _, rows = read("hubspot_contacts.csv")
    assert [LEAD_STATUSES[row["status"].casefold()] for row in rows] == ["new", "disqualified"]
    assert set(LEAD_STATUSES.values()) <= {"new", "qualified", "disqualified", "won", "lost"}


@pytest.mark.parametrize(
    "header",
    [
        "Hourly rate", "hourly_rate", "HourlyRate", "Internal rate", "Internal price", "Cost Amount", "Internal (EUR)",
        "€/h", "Taux horaire", "Coût interne", "Prix", "Montant", "Stundensatz", "Einzelpreis", "Interne Kosten",
        "Gehalt", "Precio por hora", "Coste", "Importe", "Tariffa oraria", "Prezzo", "Custo", "Preço", "Uurtarief",
    ],
)  # fmt: skip
def test_a_header_that_speaks_of_money_is_known_in_every_language_of_the_exports(header):
    assert speaks_of_money(header)


@pytest.mark.parametrize(
    "header",
    ["Note", "Notes (old)", "Description", "Beschreibung", "Einsatz", "Zusatz", "Commentaire", "Strategy", "Rating"],
)
def test_a_header_that_only_looks_like_money_is_none(header):
    assert not speaks_of_money(header)
