"""What is exported from the lists is imported back unchanged, here and elsewhere."""

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.conf import settings
from django.db.models import F
from django.urls import reverse

from campaigns import export_formats
from campaigns.imports.formats.own_headings import LANGUAGES, in_words
from campaigns.models import Agency, Campaign, Client, Lead, Outcome, Platform, Sale, Spend, StatusChange, Touch
from campaigns.models.agency import new_mark
from core.access import Role
from tests.campaigns.imports.importing import NOW, examined, imported, undone, written
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    LeadFactory,
    OutcomeFactory,
    PlatformFactory,
    SaleFactory,
    SpendFactory,
    TouchFactory,
)
from timesheets import hours_export

ROWS = (Lead, Touch, StatusChange, Sale, Spend, Outcome, Platform, Campaign, Client)
KINDS = ("leads", "touches", "sales", "spend", "outcomes")
# Each file and convention that a list is taken out in, and the languages of readers.
SHAPES = [
    *(("csv", "en"), ("xlsx", "en")),
    *((shape, language) for shape in ("reader-csv", "reader-xlsx") for language in ("en", "fr")),
]
# The others write the same rows otherwise.
ON_BOTH_DATABASES = SHAPES[:1]


@pytest.fixture
def a_funnel(db):
    """Everything that is hard to carry: no ids, the same names, formulas, clocks put back, refunds, voids."""
    facebook, fair = PlatformFactory(name="Facebook"), PlatformFactory(name="=Fair, Köln; 'hall 3'")
    facebook.aliases.create(text="fb")
    spring = CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))
    other_spring = CampaignFactory(name="Spring", client=ClientFactory(name="Brun / Fils"))
    summer = CampaignFactory(name="Summer / Autumn", client=Client.objects.own_brand())
    general = Campaign.objects.general()

    ann = LeadFactory(
        name='=Ann "A" O\'Hara',
        company="+Co",
        email="ann@example.com",
        note="-one\r\ntwo; three,",
        how_heard="=At a fair; LinkedIn, I think",
    )
    bo = LeadFactory(
        name="", external_id="B;1", company="'-x", received_at=datetime(2026, 10, 25, 0, 30, 5, 123456, tzinfo=UTC)
    )
    cy = LeadFactory(status="disqualified", disqualified_reason="cannot_afford", name="Cy", external_id="'=7")
    won = LeadFactory(status="won", name="Dé\u202fWon")
    gone = LeadFactory(external_id="gone", voided_at=NOW)
    Lead.objects.filter(status="won").update(qualified_at=F("received_at"))

    fold = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1)
    for touch in (
        {"lead": ann, "platform": facebook, "campaign": spring, "at": fold},
        {"lead": ann, "platform": facebook, "campaign": spring, "at": fold},
        {"lead": ann, "platform": None, "utm_source": "fb", "utm_campaign": "Summer / Autumn", "at": fold},
        {"lead": bo, "platform": fair, "campaign": None, "utm_campaign": "summer / autumn", "at": bo.received_at},
        {"lead": bo, "platform": fair, "campaign": other_spring, "utm_medium": "@x", "at": bo.received_at},
        {"lead": cy, "platform": facebook, "campaign": general},
        {"lead": won, "platform": facebook, "campaign": summer, "voided_at": NOW},
        {"lead": gone, "platform": facebook},
    ):
        TouchFactory(**touch)

    site = SaleFactory(lead=ann, amount_cents=123_456, description="=SUM(A1)", sold_on=date(2026, 11, 17))
    SaleFactory(lead=None, amount_cents=-3_456, refund_of=site, description="", sold_on=date(2026, 11, 18))
    SaleFactory(lead=ann, amount_cents=-1, refund_of=site, external_id="R1", sold_on=date(2026, 11, 18))
    SaleFactory(lead=None, platform=fair, campaign=other_spring, amount_cents=0, external_id="S2")
    SaleFactory(lead=None, amount_cents=-77, description="Nobody knows of what", sold_on=date(2026, 11, 18))
    SaleFactory(lead=gone, amount_cents=5, external_id="S3")
    dollars = SaleFactory(amount_cents=9_000, original_cents=10_000, original_currency="USD", external_id="S4")
    part = {"amount_cents": -3_333, "original_cents": -3_703, "original_currency": "USD", "refund_of": dollars}
    SaleFactory(**part, sold_on=dollars.sold_on)
    SpendFactory(platform=fair, amount_cents=1_234_50, original_cents=1_111_11, original_currency="CHF")
    SaleFactory(lead=won, amount_cents=7, voided_at=NOW)

    SpendFactory(platform=facebook, campaign=None, amount_cents=1_234_567_89, description="-12")
    SpendFactory(platform=facebook, campaign=general, external_id="ad:1")
    SpendFactory(platform=fair, campaign=summer, voided_at=NOW, external_id="ad:2")
    SpendFactory(platform=fair, campaign=summer, starts_on=date(2026, 2, 28), ends_on=date(2026, 3, 1))

    OutcomeFactory(platform=facebook, campaign=spring, measure="=Calls", count=1_234_567, note="@home, 'fine'")
    OutcomeFactory(platform=fair, campaign=general, measure="Visitors", count=0, week=date(2026, 1, 5))
    OutcomeFactory(platform=fair, campaign=other_spring, measure="Visitors", voided_at=NOW)


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture(
    params=[
        pytest.param(shape, id="-".join(shape), marks=[] if shape in ON_BOTH_DATABASES else pytest.mark.once)
        for shape in SHAPES
    ]
)
def shape(request, manager):
    """A format that a reader of some language takes files out in."""
    shape, manager.language = request.param
    manager.save()
    return shape


def exported(client, name, query=""):
    response = client.get(reverse(f"campaigns:{name}_export") + query)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def lines(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def dump():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ROWS}


def files(client, shape="csv"):
    return {kind: exported(client, kind, f"?format={shape}") for kind in KINDS}


def all_imported(tmp_path, contents, **options):
    return [imported(written(tmp_path, contents[kind], f"{kind}.file"), kind, **options) for kind in KINDS]


def moved():
    """An installation without any of these rows, which has a mark of its own."""
    Sale.objects.exclude(refund_of=None).delete()
    for model in (Sale, Spend, Outcome, Touch, Lead, Campaign, Client, Platform):
        model.objects.all().delete()
    agency = Agency.current()
    agency.mark = new_mark()
    agency.save()


def test_what_is_exported_changes_nothing_where_it_comes_from(tmp_path, as_manager, a_funnel, shape):
    before = dump()
    runs = all_imported(tmp_path, files(as_manager, shape))
    assert dump() == before
    assert [set(run.counts["written"]) for run in runs] == [{"same"}] * len(KINDS)
    # Nothing of the files is passed over: one sale is of nothing.
    assert {remark["code"] for run in runs for remark in run.remarks} <= {"zero_sale"}


def test_an_empty_system_gets_the_same_rows_and_gives_the_same_files(tmp_path, as_manager, a_funnel, shape):
    contents, neutral = files(as_manager, shape), files(as_manager)
    there = [Lead.objects.live().count(), Touch.objects.live().filter(lead__voided_at=None).count()]
    moved()
    all_imported(tmp_path, contents, creating=True)
    assert [Lead.objects.count(), Touch.objects.count()] == there
    again = files(as_manager)
    assert {kind: in_any_order(again[kind]) for kind in KINDS} == {kind: in_any_order(neutral[kind]) for kind in KINDS}
    # And there, too, everything is known from now on.
    before = dump()
    all_imported(tmp_path, contents)
    assert dump() == before


def in_any_order(content):
    """The lines of a file; a workbook has one kind of end of a line."""
    return sorted(tuple(cell.replace("\r\n", "\n") for cell in line.values()) for line in lines(content))


def test_a_reader_s_csv_has_their_words_and_signs(as_manager, manager, a_funnel):
    manager.language = "fr"
    manager.save()
    text = exported(as_manager, "spend", "?format=reader-csv").decode()
    assert text.startswith(
        "\ufeffIdentifiant externe;Plateforme;Campagne;Du;Au;Montant;Description;Montant d’origine;Devise d’origine\r\n"
    )
    assert ";1234567,89;" in text
    manager.language = "en"
    manager.save()
    text = exported(as_manager, "spend", "?format=reader-csv").decode()
    assert text.startswith(
        "\ufeffExternal ID,Platform,Campaign,From,To,Amount,Description,Original amount,Original currency\r\n"
    )
    assert ",1234567.89," in text


def test_a_workbook_holds_numbers_and_days(as_manager, a_funnel):
    sheet = openpyxl.load_workbook(io.BytesIO(exported(as_manager, "spend", "?format=xlsx"))).active
    amounts = [row[5] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert 1_234_567.89 in amounts
    assert isinstance(sheet["D2"].value, datetime)


def test_a_format_that_there_is_not_leads_to_the_list(as_manager):
    response = as_manager.get(reverse("campaigns:leads_export") + "?format=json")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("campaigns:leads"))


@pytest.mark.parametrize("language", [language for language, _name in settings.LANGUAGES])
def test_every_column_of_an_export_has_a_name_in_each_language(language):
    headers = [getattr(export_formats, kind.upper()) for kind in KINDS] + [hours_export.HEADER_WITH_RATES]
    assert language in LANGUAGES
    for header in headers:
        assert len(set(in_words(header, language))) == len(header)


def test_a_row_without_an_id_is_changed_by_its_line_and_keeps_having_none(tmp_path, as_manager, a_funnel):
    ann = Lead.objects.get(email="ann@example.com")
    content = exported(as_manager, "leads", "?q=ann%40example.com")
    assert [line["external_id"] for line in lines(content)] == [f"retour-{Agency.current().mark}-lead-{ann.pk}"]
    run = imported(written(tmp_path, content.replace(b"'+Co", b"Other")), "leads")
    ann.refresh_from_db()
    assert (ann.company, ann.external_id, run.counts["written"]) == ("Other", None, {"update": 1})
    undone(run)
    ann.refresh_from_db()
    assert ann.company == "+Co"


def test_the_lead_of_another_installation_is_not_taken_for_the_one_with_its_number(tmp_path, as_manager, a_funnel):
    content = exported(as_manager, "leads", "?q=ann%40example.com")
    agency = Agency.current()
    agency.mark = new_mark()
    agency.save()
    run = imported(written(tmp_path, content), "leads")
    assert run.counts["written"] == {"create": 1}
    assert Lead.objects.filter(email="ann@example.com").count() == 2


@pytest.mark.parametrize(
    "text", ["retour-{mark}-sale-1", "retour-{mark}-lead-999999999999999999", "retour-{mark}-lead-0"]
)
def test_what_only_looks_like_such_an_id_is_an_external_id(tmp_path, db, text):
    text = text.format(mark=Agency.current().mark)
    imported(written(tmp_path, f"external_id,received_at\n{text},2026-03-02\n"), "leads")
    assert Lead.objects.get().external_id == text


def test_a_refund_of_a_sale_without_an_id_counts_once(tmp_path, as_manager):
    site = SaleFactory(amount_cents=100, sold_on=date(2026, 11, 17))
    SaleFactory(amount_cents=-60, refund_of=site, sold_on=date(2026, 11, 18))
    content = exported(as_manager, "sales")
    assert examined(written(tmp_path, content), "sales").is_good
    more = f"external_id,sold_on,amount,refund_of\nR9,2026-11-19,-60,retour-{Agency.current().mark}-sale-{site.pk}\n"
    assert [error.code for error in examined(written(tmp_path, more), "sales").errors] == ["over_refund"]


def test_touches_that_came_with_their_leads_are_not_doubled_by_their_own_file(tmp_path, db):
    PlatformFactory(name="Facebook")
    lead = "external_id,received_at,platform\nA1,2026-03-02 09:14,Facebook\n"
    touch = "lead_external_id,at,platform\nA1,2026-03-02 09:14,Facebook\nA1,2026-03-02 09:14,Facebook\n"
    imported(written(tmp_path, lead), "leads")
    assert imported(written(tmp_path, touch), "touches").counts["written"] == {"same": 1, "create": 1}
    assert imported(written(tmp_path, touch), "touches").counts["written"] == {"same": 2}


def test_an_export_holds_what_its_list_shows(as_manager, a_funnel):
    assert [line["name"] for line in lines(exported(as_manager, "leads", "?status=disqualified"))] == ["Cy"]
    assert [line["campaign"] for line in lines(exported(as_manager, "touches", "?status=disqualified"))] == [
        "General presence"
    ]
    assert [line["external_id"] for line in lines(exported(as_manager, "sales", "?kind=refund&q=R1"))] == ["R1"]
    assert len(lines(exported(as_manager, "spend", f"?platform={Platform.objects.get(name='Facebook').pk}"))) == 2
    assert lines(exported(as_manager, "leads", "?show=void")) == []
    page = as_manager.get(reverse("campaigns:leads") + "?status=disqualified&q=%C3%A9&page=2").content.decode()
    assert f'{reverse("campaigns:touches_export")}?status=disqualified&amp;q=%C3%A9&amp;format=csv"' in page


@pytest.mark.parametrize("name", KINDS)
def test_members_may_not_export(client, member, name):
    address = reverse(f"campaigns:{name}_export")
    assert client.get(address).status_code == 302
    client.force_login(member)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("role", [Role.MANAGER, Role.DIRECTOR])
@pytest.mark.parametrize("name", KINDS)
def test_an_export_asks_as_often_for_many_rows_as_for_few(
    client, manager, name, role, django_assert_max_num_queries, a_funnel
):
    manager.role = role
    manager.save()
    client.force_login(manager)
    exported(client, name)
    for _number in range(30):
        lead = TouchFactory(campaign=CampaignFactory()).lead
        SaleFactory(lead=lead)
        SpendFactory(campaign=CampaignFactory())
        OutcomeFactory(campaign=CampaignFactory())
    with django_assert_max_num_queries(10):  # two of them count and record what is taken out
        assert len(lines(exported(client, name))) >= 30
