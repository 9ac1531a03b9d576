"""An ad account's file that is brought again: corrected, by other columns, or for periods that overlap."""

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.opening import checksum
from campaigns.imports.summary import described
from campaigns.models import ImportedRow, Spend
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, PlatformFactory

pytestmark = pytest.mark.django_db

MONDAY = "2026-11-16"


@pytest.fixture(autouse=True)
def places():
    PlatformFactory(name="Facebook")
    PlatformFactory(name="Instagram")
    CampaignFactory(name="Spring")


def meta(columns, *rows):
    """A file of these columns; the last one is the amount."""
    header = f"Day,{columns},Amount spent (EUR)\n" if columns else "Day,Campaign name,Amount spent (EUR)\n"
    return header + "".join(f"{MONDAY},{row}\n" for row in rows)


def bring(tmp_path, text, **options):
    return imported(written(tmp_path, text), "spend", **options)


def refused(tmp_path, text, **options):
    findings = examined(written(tmp_path, text), "spend", **options)
    assert findings.error_count
    return [error.code for error in findings.errors]


def amounts():
    found = Spend.objects.live().order_by("platform__name", "amount_cents")
    return [(spend.platform.name, spend.amount_cents) for spend in found]


def test_a_corrected_amount_without_an_id_changes_and_undo_gives_it_back(tmp_path):
    costs = "Day,Campaign,Cost\n2026-11-16,Spring,{}\n2026-11-17,Spring,5\n"
    columns = {"starts_on": "Day", "amount": "Cost", "campaign": "Campaign"}
    options = {"mapping": ColumnMapping(columns=columns, constants={"platform": "Facebook"})}
    bring(tmp_path, costs.format("10.00"), **options)
    run = bring(tmp_path, costs.format("10.01"), **options)
    assert amounts() == [("Facebook", 500), ("Facebook", 1001)]
    assert run.counts["written"] == {"update": 1, "same": 1}
    assert any("Amounts that changed" in text for text in described(run.counts))
    undone(run)
    assert amounts() == [("Facebook", 500), ("Facebook", 1000)]
    assert bring(tmp_path, costs.format("10.00"), **options).counts["written"] == {"same": 2}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("Campaign ID,Campaign name", "7,Spring,10"), ("Campaign name", "Spring,12"), id="then without"),
        pytest.param(("Campaign name", "Spring,10"), ("Campaign ID,Campaign name", "7,Spring,12"), id="then with"),
        pytest.param(
            ("Campaign ID,Campaign name", "7,Spring,10"),
            ("Campaign ID,Campaign name", "1.20253E+17,Spring,12"),
            id="then as Excel wrote it",
        ),
    ],
)
def test_the_id_of_a_campaign_may_come_and_go(tmp_path, first, second):
    bring(tmp_path, meta(*first))
    bring(tmp_path, meta(*second))
    assert amounts() == [("Facebook", 1200)]


def test_a_renamed_campaign_is_found_by_its_id(tmp_path):
    bring(tmp_path, meta("Campaign ID,Campaign name", "7,Spring,10"))
    CampaignFactory(name="Spring 2026")
    bring(tmp_path, meta("Campaign ID,Campaign name", "7,Spring 2026,10"))
    assert Spend.objects.get().campaign.name == "Spring 2026"


def test_ids_that_a_spreadsheet_rounded_are_no_ids(tmp_path):
    CampaignFactory(name="Autumn")
    ids = "Campaign ID,Campaign name"
    bring(tmp_path, meta(ids, "1.20253E+17,Spring,10", "1.20253E+17,Autumn,20"))
    bring(tmp_path, meta(ids, "1.20253E+17,Autumn,20"))
    assert amounts() == [("Facebook", 1000), ("Facebook", 2000)]


def test_accounts_placements_and_long_names_are_told_apart(tmp_path):
    bring(tmp_path, meta("Account name,Campaign name", "Acme,Spring,10", "Bolt,Spring,20"))
    assert bring(tmp_path, meta("Account name,Campaign name", "Bolt,Spring,20")).counts["written"] == {"same": 1}
    assert amounts() == [("Facebook", 1000), ("Facebook", 2000)]


def test_a_row_of_facebook_never_turns_into_one_of_instagram(tmp_path):
    bring(tmp_path, meta("Campaign name,Platform", "Spring,facebook,10", "Spring,instagram,5"))
    bring(tmp_path, meta("Campaign name,Platform", "Spring,instagram,5"))
    assert amounts() == [("Facebook", 1000), ("Instagram", 500)]


def test_names_that_are_equal_in_their_beginning_are_two_campaigns(tmp_path):
    long = "A" * 90
    rows = (f"{long}1,10", f"{long}2,20")
    bring(tmp_path, meta("", *rows), creating=True)
    bring(tmp_path, meta("", rows[1]), creating=True)
    assert amounts() == [("Facebook", 1000), ("Facebook", 2000)]


def test_a_campaign_by_ads_and_then_as_a_whole_is_refused_and_names_both(tmp_path):
    bring(tmp_path, meta("Campaign name,Ad name", "Spring,one,100", "Spring,two,200"))
    text = meta("", "Spring,300")
    assert refused(tmp_path, text) == ["overlap_of_levels"]
    (error,) = examined(written(tmp_path, text), "spend").errors
    assert "by Campaign name here, and by Campaign name, Ad name in “file.csv”" in str(error)


def reporting(*rows):
    header = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n"
    return header + "".join(f"{row}\n" for row in rows)


def test_periods_that_overlap_are_refused_in_one_file_and_over_two(tmp_path):
    bring(tmp_path, reporting("2026-03-01,2026-03-14,Spring,50"))
    assert refused(tmp_path, reporting("2026-03-08,2026-03-21,Spring,45")) == ["overlap_of_periods"]
    assert bring(tmp_path, reporting("2026-03-15,2026-03-21,Spring,45"))
    two = reporting("2026-05-01,2026-05-14,Spring,50", "2026-05-10,2026-05-21,Spring,45")
    assert refused(tmp_path, two) == ["overlap_in_file"]


def test_an_amount_that_was_corrected_to_nothing_counts_no_more(tmp_path):
    bring(tmp_path, meta("", "Spring,10"))
    run = bring(tmp_path, meta("", "Spring,0"))
    assert amounts() == []
    undone(run)
    assert amounts() == [("Facebook", 1000)]


def test_what_somebody_changed_since_is_kept_and_listed(tmp_path):
    bring(tmp_path, meta("", "Spring,10"))
    Spend.objects.update(amount_cents=1100)
    run = bring(tmp_path, meta("", "Spring,12"))
    assert amounts() == [("Facebook", 1100)]
    assert any("somebody changed “Spring”" in text for text in described(run.counts))
    assert bring(tmp_path, meta("", "Spring,10")).counts["written"] == {"same": 1}
    assert amounts() == [("Facebook", 1100)]


def test_what_was_imported_before_keys_were_kept_is_the_same(tmp_path):
    run = bring(tmp_path, meta("Campaign ID,Campaign name", "7,Spring,10"))
    run.rows.update(natural_key=None, identity=None, fingerprint=None)
    Spend.objects.update(external_id=f"meta:7:{MONDAY}")
    again = bring(tmp_path, meta("Campaign ID,Campaign name", "7,Spring,10"))
    assert again.counts["written"] == {"same": 1}
    assert ImportedRow.objects.count() == 1


def days_of_spring(*days):
    return "Day,Campaign name,Amount spent (EUR)\n" + "".join(f"2026-11-{day},Spring,10\n" for day in days)


def test_what_a_file_lacks_is_kept_and_listed_or_goes_where_it_holds_everything(tmp_path):
    bring(tmp_path, days_of_spring(*range(10, 20)))
    fewer = days_of_spring(*range(10, 14), *range(15, 20))
    run = bring(tmp_path, fewer)
    assert len(amounts()) == 10
    said = list(described(run.counts))
    assert any("between 2026-11-14 and 2026-11-14 is not in this one: Spring" in text for text in said)
    assert "They are kept." in said
    complete = bring(tmp_path, fewer, mapping=ColumnMapping(options={"complete": "yes"}))
    assert len(amounts()) == 9
    undone(complete)
    assert len(amounts()) == 10


def test_a_line_that_was_left_out_does_not_count_as_absent(tmp_path):
    bring(tmp_path, days_of_spring(*range(10, 20)))
    path = written(
        tmp_path, days_of_spring(*range(10, 15), *range(16, 20)).replace("2026-11-14,Spring,10", "2026-11-14,Spring,?")
    )
    mapping = ColumnMapping(options={"complete": "yes"}, left_out={checksum(path): [6]})
    assert examined(path, "spend", mapping=mapping).counts["lacking"]["count"] == 1
    bring(tmp_path, path.read_text(), mapping=mapping)
    assert len(amounts()) == 9


def test_a_file_of_one_account_looks_filtered(tmp_path):
    bring(tmp_path, meta("Account name,Campaign name", "Acme,Spring,10", "Bolt,Spring,20"))
    findings = examined(written(tmp_path, meta("Account name,Campaign name", "Bolt,Spring,20")), "spend")
    assert findings.is_good
    assert findings.questions[0]["looks_filtered"]


def test_an_export_in_another_language_is_of_the_same_level(tmp_path):
    bring(tmp_path, meta("", "Spring,10"))
    french = f"Jour;Nom de la campagne;Montant dépensé (EUR)\n{MONDAY};Spring;12\n"
    bring(tmp_path, french)
    assert amounts() == [("Facebook", 1200)]


def test_rows_of_one_id_that_another_column_tells_apart_are_paired_by_what_they_say(tmp_path):
    columns = "Campaign ID,Campaign name,Age"
    bring(tmp_path, meta(columns, "7,Spring,18-24,10", "7,Spring,25-34,5"))
    run = bring(tmp_path, meta(columns, "7,Spring,25-34,5"))
    assert run.counts["written"] == {"same": 1}
    assert run.counts["lacking"]["count"] == 1
    bring(tmp_path, meta(columns, "7,Spring,25-34,10", "7,Spring,18-24,5"))
    assert amounts() == [("Facebook", 500), ("Facebook", 1000)]


def test_two_campaigns_may_swap_their_names(tmp_path):
    CampaignFactory(name="Autumn")
    columns = "Campaign ID,Campaign name"
    bring(tmp_path, meta(columns, "7,Spring,10", "8,Autumn,10"))
    run = bring(tmp_path, meta(columns, "7,Autumn,10", "8,Spring,10"))
    assert run.counts["written"] == {"update": 2}
    assert amounts() == [("Facebook", 1000), ("Facebook", 1000)]
    undone(run)
    assert bring(tmp_path, meta(columns, "7,Spring,10", "8,Autumn,10")).counts["written"] == {"same": 2}


def test_a_row_from_before_accounts_were_read_is_the_same(tmp_path):
    columns = "Account name,Campaign name,Ad name"
    bring(tmp_path, meta("", "Spring,10"))
    ImportedRow.objects.update(natural_key=None, identity=None)  # as it was stored before
    assert bring(tmp_path, meta(columns, "Acme,Spring,One,10")).counts["written"] == {"same": 1}
