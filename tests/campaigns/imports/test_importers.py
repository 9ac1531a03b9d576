"""Leads, touches, sales and spend, in the shapes that programs write them."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import (
    Agency,
    Campaign,
    ImportedRow,
    Lead,
    Platform,
    RememberedMapping,
    Sale,
    Spend,
    StatusChange,
    Touch,
)
from campaigns.models.erasures import imprint
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, LeadFactory, PlatformFactory, SaleFactory, TouchFactory

pytestmark = pytest.mark.django_db

LEADS = (
    "external_id,received_at,platform,campaign,name,email,company,status,disqualified_reason\n"
    "A1,2026-03-02 09:14,fb,Spring,Ann,ann@example.com,Acme,qualified,\n"
    "A2,2026-03-03,,,Bob,,,new,\n"
    "A3,2026-03-04T10:00:00+01:00,(direct),,Cy,,,disqualified,cannot_afford\n"
)


@pytest.fixture
def facebook():
    platform = PlatformFactory(name="Facebook")
    platform.aliases.create(text="fb")
    return platform


@pytest.fixture
def spring():
    return CampaignFactory(name="Spring")


def codes(findings):
    return [(error.line, error.column, error.code) for error in findings.errors]


def remarks(run):
    return {one["code"]: one["count"] for one in run.remarks}


def test_leads_come_with_their_first_touch_and_their_status(tmp_path, facebook, spring):
    run = imported(written(tmp_path, LEADS), "leads")
    ann = Lead.objects.get(external_id="A1")
    # Half past nine in Paris.
    assert ann.received_at == datetime(2026, 3, 2, 8, 14, tzinfo=UTC)
    assert (ann.status, ann.qualified_at) == ("qualified", ann.received_at)
    touch = ann.touches.get()
    assert (touch.at, touch.platform, touch.campaign) == (ann.received_at, facebook, spring)
    assert not Touch.objects.filter(lead__external_id="A2").exists()
    assert Touch.objects.get(lead__external_id="A3").platform is None
    assert StatusChange.objects.count() == 2
    assert remarks(run) == {"no_origin": 1}


def test_importing_leads_again_changes_nothing(tmp_path, facebook, spring):
    imported(written(tmp_path, LEADS), "leads")
    before = [list(model.objects.order_by("pk").values()) for model in (Lead, Touch, StatusChange)]
    run = imported(written(tmp_path, LEADS), "leads")
    assert [list(model.objects.order_by("pk").values()) for model in (Lead, Touch, StatusChange)] == before
    assert run.counts["written"] == {"same": 3}


def test_a_newer_file_updates_leads_and_undo_gives_back_what_they_were(tmp_path, facebook, spring):
    imported(written(tmp_path, LEADS), "leads")
    linkedin = PlatformFactory(name="LinkedIn")
    newer = LEADS.replace("fb,Spring,Ann", "LinkedIn,Spring,Anna").replace("Bob,,,new", "Bob,,,won")
    before = list(Lead.objects.order_by("pk").values())
    run = imported(written(tmp_path, newer), "leads")
    assert run.counts["written"] == {"update": 2, "same": 1}
    ann = Lead.objects.get(external_id="A1")
    assert ann.name == "Anna"
    assert [one.platform for one in ann.touches.live()] == [linkedin]
    bob = Lead.objects.get(external_id="A2")
    assert bob.status == "won"
    assert bob.qualified_at is not None
    undone(run)
    assert list(Lead.objects.order_by("pk").values()) == before
    assert [one.platform for one in ann.touches.live()] == [facebook]
    assert bob.status_changes.count() == 0


def test_undo_removes_leads_but_keeps_those_that_sales_hang_on(tmp_path, facebook, spring):
    run = imported(written(tmp_path, LEADS), "leads")
    SaleFactory(lead=Lead.objects.get(external_id="A1"))
    undone(run)
    assert list(Lead.objects.values_list("external_id", flat=True)) == ["A1"]
    assert Lead.objects.get().touches.count() == 1
    assert run.counts["kept"] == 1


def test_undo_keeps_a_lead_that_somebody_worked_on_since(tmp_path, facebook, spring):
    run = imported(written(tmp_path, LEADS), "leads")
    Lead.objects.get(external_id="A2").move_to("qualified", at=datetime(2026, 4, 1, tzinfo=UTC))
    undone(run)
    assert list(Lead.objects.values_list("external_id", flat=True)) == ["A2"]


def test_bad_leads_are_listed_by_line_and_column(tmp_path, facebook, spring):
    text = (
        "external_id,received_at,platform,email,status,disqualified_reason\n"
        "A1,2026-13-02,fb,nobody,new,\n"
        "A2,2026-03-02,fb,,disqualified,\n"
        "A2,2026-03-03,fb,,new,\n"
        "A3,2026-03-02,fb,,disqualified,too tall\n"
    )
    findings = examined(written(tmp_path, text), "leads")
    assert codes(findings) == [
        (2, "received_at", "no_such_day"),
        (2, "email", "not_an_email"),
        (3, "disqualified_reason", "reason_missing"),
        (4, "external_id", "repeated_id"),
        (5, "disqualified_reason", "unknown_reason"),
    ]
    assert not Lead.objects.exists()


def test_leads_without_an_id_are_told_by_their_fingerprint(tmp_path, facebook):
    text = "Last Name,Company / Account,Lead Source,Email\nBerg,Acme,fb,a@example.com\nBerg,Acme,fb,b@example.com\n"
    path = written(tmp_path, text)
    findings = examined(path, "leads", source="salesforce")
    assert [(one["ask"], one["field"]) for one in findings.questions] == [("column", "received_at")]
    mapping = ColumnMapping(constants={"received_at": "2026-03-02"})
    imported(path, "leads", mapping=mapping)
    run = imported(path, "leads", mapping=mapping)
    assert Lead.objects.count() == 2
    assert run.counts["written"] == {"same": 2}
    assert RememberedMapping.objects.count() == 1


def test_a_hubspot_contact_gets_its_platform_from_the_drill_down(tmp_path, facebook):
    text = (
        "Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,Original Source,"
        "Original Source Drill-Down 1,Original Source Drill-Down 2\n"
        "101,Ann,Berg,ann@example.com,,OPEN_DEAL,2026-03-02 09:14,SOCIAL_MEDIA,Facebook,unheard of\n"
        "102,Bo,Dahl,bo@example.com,,UNQUALIFIED,2026-03-02 09:14,DIRECT_TRAFFIC,,\n"
    )
    run = imported(written(tmp_path, text), "leads")
    assert run.source == "hubspot"
    ann, bo = Lead.objects.order_by("external_id")
    assert (ann.name, ann.status, ann.touches.get().platform) == ("Ann Berg", "qualified", facebook)
    assert (bo.status, bo.disqualified_reason, bo.touches.get().platform) == ("disqualified", "wrong_fit", None)
    assert remarks(run) == {"campaign_unknown": 1, "no_reason": 1}


def test_the_ledger_keeps_no_hash_that_can_be_guessed_without_the_key(tmp_path, facebook):
    text = "Last Name,Company / Account,Lead Source,Email\nBerg,Acme,fb,a@example.com\n"
    imported(written(tmp_path, text), "leads", mapping=ColumnMapping(constants={"received_at": "2026-03-02"}))
    plain = hashlib.sha256(json.dumps(["leads", "a@example.com", "berg", "acme", ""]).encode()).digest()
    guessed = hashlib.sha256(plain + b"1").hexdigest()
    row = ImportedRow.objects.get()
    assert row.fingerprint == imprint(guessed, Agency.current().mark)


def test_an_unknown_status_is_asked_and_may_be_said_with_its_reason(tmp_path):
    text = "external_id,received_at,status\nA1,2026-03-02,Trop cher\n"
    (question,) = examined(written(tmp_path, text), "leads").questions
    assert (question["sort"], question["text"]) == ("status", "Trop cher")
    mapping = ColumnMapping()
    mapping.map_name("status", "Trop cher", "disqualified:cannot_afford")
    imported(written(tmp_path, text), "leads", mapping=mapping)
    assert Lead.objects.get().disqualified_reason == "cannot_afford"


@pytest.mark.parametrize("clock", ["2026-10-25 02:30", "2026-03-29 02:30"], ids=["comes twice", "is skipped"])
def test_the_hour_of_the_change_of_clocks_is_one_instant(tmp_path, facebook, clock):
    leads = f"external_id,received_at,platform\nA1,{clock},Facebook\n"
    imported(written(tmp_path, leads), "leads")
    assert imported(written(tmp_path, leads), "leads").counts["written"] == {"same": 1}
    touches = f"lead_external_id,at,platform\nA1,{clock},Facebook\n"
    assert imported(written(tmp_path, touches), "touches").counts["written"] == {"same": 1}
    assert Touch.objects.count() == 1


TOUCHES = (
    "lead_external_id,at,platform,campaign,utm_source,utm_medium,utm_campaign\n"
    "A1,2026-03-01 10:00,Facebook,Spring,,,\n"
    "A1,2026-03-01 10:00,Facebook,Spring,,,\n"
    "A1,2026-03-02 10:00,,,FB,cpc,spring\n"
    "A1,2026-03-03 10:00,,,,,\n"
)


def test_touches_are_added_once_and_keep_their_raw_utm(tmp_path, facebook, spring):
    lead = LeadFactory(external_id="A1")
    imported(written(tmp_path, TOUCHES), "touches")
    run = imported(written(tmp_path, TOUCHES), "touches")
    assert run.counts["written"] == {"same": 4}
    assert lead.touches.count() == 4
    tagged = lead.touches.get(utm_source="FB")
    assert (tagged.platform, tagged.campaign, tagged.utm_medium) == (facebook, spring, "cpc")
    assert lead.touches.filter(platform=None).count() == 1


def test_touches_of_nobody_are_errors_and_undo_removes_only_what_it_added(tmp_path, facebook, spring):
    assert codes(examined(written(tmp_path, TOUCHES), "touches"))[0] == (2, "lead_external_id", "touch_of_nobody")
    lead = LeadFactory(external_id="A1")
    own = TouchFactory(lead=lead)
    undone(imported(written(tmp_path, TOUCHES), "touches"))
    assert list(lead.touches.all()) == [own]


SALES = (
    "external_id;lead_external_id;sold_on;amount;description;refund_of\n"
    "R1;;20/04/2026;-50,00;;S1\n"
    "S1;A1;15/04/2026;1 234,50;Site;\n"
    "S2;;16/04/2026;0;;\n"
)


def test_sales_and_refunds_come_in_whatever_their_order(tmp_path):
    lead = LeadFactory(external_id="A1", received_at=datetime(2026, 5, 1, tzinfo=UTC))
    run = imported(written(tmp_path, SALES.encode("cp1252")), "sales")
    sale = Sale.objects.get(external_id="S1")
    assert (sale.lead, sale.sold_on, sale.amount_cents, sale.description) == (lead, date(2026, 4, 15), 123450, "Site")
    assert Sale.objects.get(external_id="R1").refund_of == sale
    assert remarks(run) == {"zero_sale": 1, "before_lead": 1}
    assert sale.history.count() == 1
    assert imported(written(tmp_path, SALES), "sales").counts["written"] == {"same": 3}
    undone(run)
    assert not Sale.objects.exists()


def test_bad_sales_and_refunds_are_refused_with_what_would_be_right(tmp_path):
    text = (
        "external_id,lead_external_id,sold_on,amount,refund_of\n"
        "S1,,2026-04-15,100.00,\n"
        "S2,,2026-04-15,-1,\n"
        "S3,X9,2026-04-15,10,\n"
        "R1,,2026-04-16,-60,S1\n"
        "R2,,2026-04-16,-60,S1\n"
        "R3,,2026-04-14,-1,S1\n"
        "R4,,2026-04-16,-1,S9\n"
        "R5,,2026-04-16,1,S1\n"
        "S6,,2026-04-16,1.234567,\n"
    )
    findings = examined(written(tmp_path, text), "sales")
    assert [(question["ask"], question["line"]) for question in findings.questions] == [("returns", 3)]
    assert sorted(codes(findings)) == [
        (4, "lead_external_id", "unknown_lead"),
        (6, "amount", "over_refund"),
        (7, "amount", "over_refund"),
        (7, "sold_on", "refund_before_sale"),
        (8, "refund_of", "unknown_sale"),
        (9, "amount", "positive_refund"),
    ]
    assert [(remark["code"], remark["line"]) for remark in findings.remarks] == [("rounded", 10)]


def test_only_won_deals_of_hubspot_are_sales(tmp_path):
    lead = LeadFactory(external_id="101")
    text = (
        "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date,Associated Contact IDs\n"
        "9,Site,closedwon,1200,Jo,2026-12-02 10:00,2026-01-01 10:00,999;101\n"
        "10,Shop,appointmentscheduled,1200,Jo,2026-12-02 10:00,2026-01-01 10:00,101\n"
        "11,Blog,closedwon,1200,Jo,2026-11-18 10:00,2026-01-01 10:00,999\n"
    )
    run = imported(written(tmp_path, text), "sales")
    assert [sale.lead for sale in Sale.objects.order_by("external_id")] == [None, lead]
    assert remarks(run) == {"not_wanted": 1, "in_future": 1, "unlinked": 1, "unread": 2}


def test_pipedrive_deals_are_linked_by_name_when_only_one_lead_has_it(tmp_path):
    lead = LeadFactory(name="Ann Berg", company="Acme")
    text = (
        "Deal - Title,Deal - Value,Deal - Currency of value,Deal - Status,Deal - Won time,Organization,Contact person\n"
        '"Site","1,200",EUR,won,2026-11-18 10:00:00,Acme,Ann Berg\n'
        "Shop,900.50,EUR,won,2026-11-19 10:00:00,Beta,\n"
        "Blog,900,EUR,lost,,Beta,\n"
    )
    run = imported(written(tmp_path, text), "sales")
    assert {sale.description: sale.lead for sale in Sale.objects.all()} == {"Site": lead, "Shop": None}
    assert Sale.objects.get(description="Site").amount_cents == 120_000
    assert imported(written(tmp_path, text), "sales").counts["written"] == {"same": 2}
    assert remarks(run) == {"not_wanted": 1, "unlinked": 1}


def test_amounts_with_an_open_separator_are_asked_and_not_guessed(tmp_path):
    text = 'external_id,sold_on,amount\nS1,2026-04-15,"1,234"\n'
    (question,) = examined(written(tmp_path, text), "sales").questions
    assert (question["ask"], question["column"]) == ("decimal", "amount")
    imported(written(tmp_path, text), "sales", mapping=ColumnMapping(options={"decimal": "point"}))
    assert Sale.objects.get().amount_cents == 123_400


META_FRENCH = (
    "Jour;Nom de la campagne;Montant dépensé (EUR);Impressions\n"
    ";;1 246,06;900\n"
    "2026-11-16;Spring;1 234,56;800\n"
    "2026-11-17;Spring;11,50;100\n"
    "2026-11-18;Spring;0;0\n"
)


def test_a_french_meta_file_is_read_without_its_total(tmp_path, facebook, spring):
    run = imported(written(tmp_path, META_FRENCH.encode()), "spend")
    found = Spend.objects.order_by("starts_on").values_list("platform", "campaign", "starts_on", "amount_cents")
    assert list(found) == [
        (facebook.pk, spring.pk, date(2026, 11, 16), 123_456),
        (facebook.pk, spring.pk, date(2026, 11, 17), 1_150),
    ]
    assert remarks(run) == {"total_row": 1, "zero_spend": 1, "unread": 1}
    assert imported(written(tmp_path, META_FRENCH), "spend").counts["written"] == {"same": 2}
    undone(run)
    assert not Spend.objects.exists()


def test_spend_that_meta_corrected_is_updated_and_undone_to_what_it_was(tmp_path, facebook, spring):
    imported(written(tmp_path, META_FRENCH), "spend")
    run = imported(written(tmp_path, META_FRENCH.replace("11,50", "12,50")), "spend")
    assert run.counts["written"] == {"same": 1, "update": 1}
    assert Spend.objects.get(starts_on="2026-11-17").amount_cents == 1250
    undone(run)
    assert Spend.objects.get(starts_on="2026-11-17").amount_cents == 1150


def test_rows_of_one_campaign_and_day_add_up(tmp_path, facebook, spring):
    text = "Day,Campaign ID,Campaign name,Amount spent (EUR)\n2026-11-16,7,Spring,1.50\n2026-11-16,7,Spring,2.50\n"
    imported(written(tmp_path, text), "spend")
    assert sorted(Spend.objects.values_list("amount_cents", flat=True)) == [150, 250]
    assert imported(written(tmp_path, text), "spend").counts["written"] == {"same": 2}


def test_spend_in_another_currency_is_refused_without_a_rate(tmp_path, facebook, spring):
    findings = examined(written(tmp_path, META_FRENCH.replace("EUR", "USD")), "spend")
    assert {code for _line, _column, code in codes(findings)} == {"no_rate"}
    assert "USD" in str(findings.errors[0])


def test_spend_without_an_id_is_told_by_its_fingerprint(tmp_path):
    text = "platform,campaign,starts_on,ends_on,amount\nTikTok,Acme / Launch,2026-11-01,2026-11-30,300\n"
    run = imported(written(tmp_path, text), "spend", creating=True)
    imported(written(tmp_path, text), "spend", creating=True)
    assert Spend.objects.count() == 1
    assert Campaign.objects.get(name="Launch").client.name == "Acme"
    undone(run)
    assert not Platform.objects.exists()
    assert not Campaign.objects.filter(is_general=False).exists()


def test_a_file_that_is_no_table_says_so(tmp_path):
    assert "empty" in examined(written(tmp_path, ""), "spend").trouble
    assert "old Excel" in examined(written(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "spend").trouble


def test_a_row_with_a_separator_too_many_is_an_error(tmp_path, facebook, spring):
    text = "platform,starts_on,ends_on,amount\nFacebook,2026-11-01,2026-11-30,300,50\n"
    assert codes(examined(written(tmp_path, text), "spend")) == [(2, "", "surplus_cells")]


def test_totals_that_call_themselves_so_and_days_without_spend_are_passed_over(tmp_path, facebook, spring):
    text = (
        "Day,Campaign ID,Campaign name,Amount spent (EUR)\n2026-11-16,7,Spring,1.50\n2026-11-17,7,Spring,\n"
        ",,Results from 1 campaign,1.50\nTotal,,,1.50\n2026-11-18,7,Totals,1.50\n"
    )
    run = imported(written(tmp_path, text), "spend")
    assert Spend.objects.get().amount_cents == 150
    assert remarks(run) == {"total_row": 3, "zero_spend": 1}


def test_a_source_that_has_no_files_of_this_kind_is_refused(tmp_path):
    findings = examined(written(tmp_path, META_FRENCH), "hours", source="hubspot")
    assert findings.trouble == (
        "Files from hubspot contain no hours. Sources that do: clockify, generic, harvest, jira, kimai, "
        "solidtime, toggl."
    )
