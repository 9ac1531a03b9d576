"""A file of each source that is brought again: changed, moved, with rows missing; and each taken back."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from campaigns.imports.formats.known_formats import FILE_FORMATS
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ImportedRow, Lead, Outcome, Sale, Spend
from campaigns.setup import standard_platforms
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, ClientFactory, MemberFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db

COMPLETE = ColumnMapping(options={"complete": "yes"})
MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


class Row(NamedTuple):
    day: str
    name: str  # the platform of hours, the campaign of spend
    value: str
    start: str = "09:00"


FIRST = (Row(MONDAY, "Facebook", "1.5"), Row(MONDAY, "LinkedIn", "1", "11:00"), Row(TUESDAY, "Facebook", "2"))
CHANGED = (FIRST[0]._replace(value="2.5"), *FIRST[1:])
MOVED = (FIRST[0]._replace(name="Instagram"), *FIRST[1:])
FEWER = (FIRST[0], FIRST[2])


class Source(NamedTuple):
    header: str
    line: Callable[[Row], str]
    encoding: str = "utf-8"

    def file(self, tmp_path, rows: Sequence[Row]):
        text = self.header + "\n" + "".join(f"{self.line(row)}\n" for row in rows)
        return written(tmp_path, text.encode(self.encoding))


def end(row: Row) -> str:
    minutes = int(row.start[:2]) * 60 + int(row.start[3:]) + round(float(row.value) * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def us(day: str) -> str:
    year, month, day_of_month = (int(part) for part in day.split("-"))
    return f"{month}/{day_of_month}/{year}"


HOURS = {
    "toggl": Source(
        "User,Email,Client,Project,Task,Start date,Start time,End date,End time,Duration",
        lambda row: f"Jo Berg,,Acme,Spring,{row.name},{row.day},{row.start},{row.day},{end(row)},{row.value}",
    ),
    "toggl of one person": Source(
        "Client,Project,Task,Start date,Start time,Duration,Tags",
        lambda row: f"Acme,Spring,{row.name},{row.day},{row.start},{row.value},",
    ),
    "clockify": Source(
        "Project,Client,Description,Task,User,Start Date,Start Time,End Date,End Time,Duration (h),Duration (decimal)",
        lambda row: (
            f"Spring,Acme,,{row.name},Jo Berg,{row.day},{row.start},{row.day},{end(row)},{row.value},{row.value}"
        ),
    ),
    "harvest": Source(
        "Date,Client,Project,Project Code,Task,Notes,Hours,First Name,Last Name",
        lambda row: f"{row.day},Acme,Spring,,{row.name},,{row.value},Jo,Berg",
    ),
    "kimai": Source(
        "Datum;Von;Bis;Dauer;Name;Benutzer;Kunde;Projekt;Tätigkeit;Beschreibung",
        lambda row: f"{row.day};{row.start};{end(row)};{row.value};Jo Berg;jo;Acme;Spring;{row.name};",
    ),
    "solidtime": Source(
        "Description,Task,Project,Client,User,Start,End,Duration,Duration (decimal),Billable,Tags",
        lambda row: f",{row.name},Spring,Acme,Jo Berg,{row.day} {row.start}:00,{row.day} {end(row)}:00,,,No,",
    ),
    "jira": Source(
        "Issue Key,Issue summary,Hours,Work date,Username,Full name,Account Customer,Project Name,Work Description",
        lambda row: f"SOC-1,{row.name},{row.value},{row.day} {row.start},jo,Jo Berg,Acme,Spring,",
    ),
    "jira by id": Source(
        "issue_key;summary;project;worklog_id;author;started;time_spent_seconds",
        lambda row: (
            f"SOC-1;{row.name};Spring;{row.day}-{row.start};Jo Berg;{row.day}T{row.start}:00.000+0100;"
            f"{round(float(row.value) * 3600)}"
        ),
    ),
}
IDS = {"Facebook": "71", "LinkedIn": "72", "Instagram": "73"}
META_FRENCH = "Jour;Nom du compte;Nom de la campagne;Montant dépensé (EUR)"
SPEND = {
    "meta": Source(META_FRENCH, lambda row: f"{row.day};Acme;{row.name};{row.value}"),
    "meta by ad": Source(
        "Day,Campaign ID,Campaign name,Ad name,Amount spent (EUR),Platform",
        lambda row: f"{row.day},{IDS[row.name]},{row.name},One,{row.value},instagram",
    ),
    "google_ads": Source(
        'Campaign report\n"March 1, 2026 - March 31, 2026"\nDay,Campaign,Currency code,Cost',
        lambda row: f"{row.day},{row.name},EUR,{row.value}",
    ),
    "linkedin_ads": Source(
        "Campaign Performance Report (in UTC)\nReport Start: March 1, 2026\n\n"
        "Start Date (in UTC)\tAccount Name\tCurrency\tCampaign ID\tCampaign Name\tTotal Spent",
        lambda row: f"{us(row.day)}\tAcme\tEUR\t{IDS[row.name]}\t{row.name}\t{row.value}",
        "utf-16",
    ),
    "x_ads": Source(
        "Time period,Campaign name,Campaign ID,Spend", lambda row: f"{row.day},{row.name},h{IDS[row.name]},{row.value}"
    ),
    "pinterest_ads": Source(
        "Date,Campaign name,Spend in account currency,Saves", lambda row: f"{row.day},{row.name},{row.value},1"
    ),
    "tiktok_ads": Source("Campaign name,By Day,Currency,Cost", lambda row: f"{row.name},{row.day},EUR,{row.value}"),
    "generic": Source(
        "external_id,platform,campaign,starts_on,ends_on,amount",
        lambda row: f",Facebook,{row.name},{row.day},{row.day},{row.value}",
    ),
}
# The days of LinkedIn are its own, and 3/2 and 3/3 alone do not tell their order.
MONTH_FIRST = {"date_order": "mdy"}
# By what a row is known: its contents, its number, that of its campaign. The others differ in how their file is read.
ON_BOTH_DATABASES = ("toggl", "jira by id", "meta", "meta by ad", "generic")
SOURCES = [
    pytest.param(
        kind,
        source,
        id=name if kind == "hours" else f"{name} {kind}",
        marks=[] if name in ON_BOTH_DATABASES else pytest.mark.once,
    )
    for kind, sources in (("hours", HOURS), ("spend", SPEND))
    for name, source in sources.items()
]


@pytest.fixture(autouse=True)
def here():
    standard_platforms()
    MemberFactory(name="Jo Berg", email="jo@example.com")
    acme = ClientFactory(name="Acme")
    for name in ("Spring", "Facebook", "LinkedIn", "Instagram"):
        CampaignFactory(name=name, client=acme)


def bring(tmp_path, kind, source, rows, **said):
    mapping = ColumnMapping(
        options=MONTH_FIRST | said, constants={"email": "jo@example.com"} if kind == "hours" else {}
    )
    return imported(source.file(tmp_path, rows), kind, mapping=mapping)


def state(kind):
    """What is there: minutes by day and platform, or cents by day and campaign."""
    if kind == "hours":
        found = TimeEntry.objects.values_list("day", "platform__name", "minutes")
        return {(str(day), name): minutes for day, name, minutes in found if minutes}
    live = Spend.objects.live().values_list("starts_on", "campaign__name", "amount_cents")
    return {(str(day), name): cents for day, name, cents in live}


def said_by(kind, rows):
    unit = 60 if kind == "hours" else 100
    return {(row.day, row.name): round(float(row.value) * unit) for row in rows}


def test_every_source_of_hours_and_spend_is_here():
    here = {("hours", name.split()[0]) for name in HOURS} | {("spend", name.split()[0]) for name in SPEND}
    known = {(known.kind, known.key) for known in FILE_FORMATS if known.kind in ("hours", "spend")}
    assert known - here == {("hours", "generic")}  # it sets cells: tests/timesheets/test_import_own_hours.py


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_a_file_that_is_brought_again_changes_nothing(tmp_path, kind, source):
    bring(tmp_path, kind, source, FIRST)
    assert state(kind) == said_by(kind, FIRST)
    assert bring(tmp_path, kind, source, FIRST).counts["written"] == {"same": 3}
    assert state(kind) == said_by(kind, FIRST)


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_a_changed_row_changes_and_undo_gives_it_back(tmp_path, kind, source):
    first = bring(tmp_path, kind, source, FIRST)
    second = bring(tmp_path, kind, source, CHANGED)
    assert state(kind) == said_by(kind, CHANGED)
    undone(second)
    assert state(kind) == said_by(kind, FIRST)
    undone(first)
    assert not state(kind)
    assert not ImportedRow.objects.exists()


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_a_moved_row_leaves_its_place_and_undo_gives_it_back(tmp_path, kind, source):
    bring(tmp_path, kind, source, FIRST)
    # Hours that moved are recognised by themselves; an amount of another campaign is a new row, and the old one lacks.
    said = {} if kind == "hours" else COMPLETE.options
    second = bring(tmp_path, kind, source, MOVED, **said)
    assert state(kind) == said_by(kind, MOVED)
    undone(second)
    assert state(kind) == said_by(kind, FIRST)


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_a_missing_row_is_kept_and_listed_and_goes_where_somebody_says_so(tmp_path, kind, source):
    bring(tmp_path, kind, source, FIRST)
    kept = bring(tmp_path, kind, source, FEWER)
    assert state(kind) == said_by(kind, FIRST)
    lacking = kept.counts["lacking"]
    assert lacking["count"] == 1, lacking
    gone = bring(tmp_path, kind, source, FEWER, **COMPLETE.options)
    assert state(kind) == said_by(kind, FEWER)
    undone(gone)
    assert state(kind) == said_by(kind, FIRST)


SALES = {
    "hubspot": (
        "Record ID,Deal Name,Deal Stage,Amount,Close Date",
        "{id},{name},{state},{amount},2026-03-30",
        "closedwon",
    ),
    "pipedrive": (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Status,Deal - Won time",
        "{id},{name},{amount},{state},2026-03-30",
        "Won",
    ),
    "pipedrive without ids": (
        "Deal - Title,Deal - Value,Deal - Status,Deal - Won time,Organization",
        "{name},{amount},{state},2026-03-30,",
        "Won",
    ),
    "stripe": (
        "id,Created (UTC),Amount,Currency,Description,Status,Seller Message",
        "ch_{id},2026-03-30 10:00,{amount},eur,{name},{state},",
        "Paid",
    ),
    "shopify": (
        "Name,Financial Status,Currency,Total,Created at,Lineitem name",
        "#{id},{state},EUR,{amount},2026-03-30 10:00:00 +0200,{name}",
        "paid",
    ),
    "generic": ("external_id,sold_on,amount,description", "S{id},2026-03-30,{amount},{name}", ""),
}
LOST = {"hubspot": "closedlost", "pipedrive": "Lost", "stripe": "Failed", "shopify": "voided"}


def bring_sales(tmp_path, source, amounts, **states):
    """A file of sales by name, all of them won unless `states` says otherwise."""
    header, line, won = SALES[source]
    rows = [
        line.format(id=number, name=name, amount=amount, state=states.get(name, won))
        for number, (name, amount) in enumerate(amounts.items(), start=901)
    ]
    return imported(written(tmp_path, "\n".join([header, *rows, ""])), "sales")


def sold():
    return dict(Sale.objects.live().values_list("description", "amount_cents"))


def test_every_source_of_sales_is_here():
    assert {known.key for known in FILE_FORMATS if known.kind == "sales"} == {name.split()[0] for name in SALES}


@pytest.mark.parametrize("source", SALES)
def test_a_sale_of_each_source_changes_stays_when_it_lacks_and_goes_back(tmp_path, source):
    first = bring_sales(tmp_path, source, {"Website": 1200, "Logo": 800})
    assert bring_sales(tmp_path, source, {"Website": 1200, "Logo": 800}).counts["written"] == {"same": 2}
    second = bring_sales(tmp_path, source, {"Website": 1500})
    assert sold() == {"Website": 150_000, "Logo": 80_000}
    undone(second)
    assert sold() == {"Website": 120_000, "Logo": 80_000}
    undone(first)
    assert not Sale.objects.exists()


@pytest.mark.parametrize("source", LOST)
def test_a_sale_that_is_no_longer_won_counts_no_more_and_goes_back(tmp_path, source):
    bring_sales(tmp_path, source, {"Website": 1200, "Logo": 800})
    lost = bring_sales(tmp_path, source, {"Website": 1200, "Logo": 800}, Website=LOST[source])
    assert sold() == {"Logo": 80_000}
    undone(lost)
    assert sold() == {"Website": 120_000, "Logo": 80_000}


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Record ID,Email,Lead Status,Create Date,Original Source", "1,ann@example.com,{status},2026-03-02,{origin}"),
        ("Lead ID,Last Name,Company,Lead Source,Status,Create Date", "00Q1,Ann,Acme,{origin},{status},2026-03-02"),
        ("N°;Date de contact;Nom;E-mail;Origine;Statut", "1;2026-03-02;Ann;ann@example.com;{origin};{status}"),
        ("external_id,received_at,platform,name,status", "A1,2026-03-02,{origin},Ann,{status}"),
    ],
    ids=["hubspot", "salesforce", "sheet", "generic"],
)
def test_a_lead_of_each_source_changes_moves_and_goes_back(tmp_path, header, line):
    def bring_lead(status, origin):
        return imported(written(tmp_path, f"{header}\n{line.format(status=status, origin=origin)}\n"), "leads")

    def lead():
        [found] = Lead.objects.all()
        return found.status, [touch.platform.name for touch in found.touches.live()]

    first = bring_lead("new", "Facebook")
    assert bring_lead("new", "Facebook").counts["written"] == {"same": 1}
    second = bring_lead("lost", "LinkedIn")
    assert lead() == ("lost", ["LinkedIn"])
    undone(second)
    assert lead() == ("new", ["Facebook"])
    undone(first)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "# Start date: 20260302\n# End date: 20260308\nSession source,Sessions\nfacebook.com,{count}\n",
        "week,platform,campaign,measure,count\n2026-W10,Facebook,,Sessions,{count}\n",
    ],
    ids=["ga4", "generic"],
)
def test_a_count_that_was_corrected_changes_and_goes_back(tmp_path, text):
    def counts():
        return list(Outcome.objects.live().values_list("measure", "count"))

    imported(written(tmp_path, text.format(count=10)), "outcomes")
    second = imported(written(tmp_path, text.format(count=12)), "outcomes")
    assert counts() == [("Sessions", 12)]
    undone(second)
    assert counts() == [("Sessions", 10)]


def test_what_a_file_lacks_is_asked_about_before_it_is_brought(tmp_path):
    bring(tmp_path, "spend", SPEND["google_ads"], FIRST)
    findings = examined(SPEND["google_ads"].file(tmp_path, FEWER), "spend")
    assert [question["ask"] for question in findings.questions] == ["complete"]
