"""Lists of leads that people keep by themselves, and where leads came from when no platform is named."""

from pathlib import Path

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import Lead, Touch
from campaigns.setup import standard_platforms
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, PlatformFactory

FRENCH = Path(__file__).parent / "files" / "leads_sheet_french.csv"
HEADER = "external_id,received_at,name,platform,campaign,utm_source,utm_medium,utm_campaign\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def platforms():
    standard_platforms()


def first_touches():
    found = Touch.objects.select_related("platform", "campaign").order_by("lead__external_id")
    return [(str(touch.platform or ""), str(touch.campaign or ""), touch.utm_source) for touch in found]


def bring(tmp_path, *rows):
    return imported(written(tmp_path, HEADER + "".join(f"{row}\n" for row in rows)), "leads")


def test_the_columns_the_statuses_and_the_platforms_of_a_french_list_are_known():
    findings = examined(FRENCH, "leads")
    assert [(question["sort"], question["text"]) for question in findings.questions] == [("platform", "Site web")]
    mapping = ColumnMapping()
    mapping.map_name("platform", "Site web", "Search")
    imported(FRENCH, "leads", mapping=mapping)
    found = Lead.objects.order_by("external_id")
    assert [(lead.external_id, lead.name, lead.company, lead.email, lead.status) for lead in found] == [
        ("1", "Zoé Lambert", "Brasserie du Port", "zoe@brasserie.example", "new"),
        ("2", "Marc Petit", "", "marc@petit.example", "lost"),
        ("3", "Léa Roy", "Roy & Fils", "", "qualified"),
    ]
    assert [touch[0] for touch in first_touches()] == ["Facebook", "Referral", "Search"]


def test_numbers_that_start_anew_in_each_list_are_no_ids(tmp_path):
    text = "N°;Date de contact;Nom;E-mail\n1;{};{};{}\n"
    imported(written(tmp_path, text.format("2026-03-02", "Ann", "ann@example.com")), "leads")
    path = written(tmp_path, text.format("2026-04-02", "Bob", "bob@example.com"))
    [error] = examined(path, "leads").errors
    assert error.code == "id_of_another"
    assert "column,,external_id" in str(error)
    imported(path, "leads", mapping=ColumnMapping(columns={"external_id": ""}))
    assert set(Lead.objects.values_list("name", flat=True)) == {"Ann", "Bob"}


def test_a_corrected_row_of_a_list_is_the_same_lead(tmp_path):
    text = "N°;Date de contact;Nom;E-mail;Statut\n1;2026-03-02;{};ann@example.com;{}\n"
    imported(written(tmp_path, text.format("Ann", "Nouveau")), "leads")
    imported(written(tmp_path, text.format("Ann Durand", "Gagné")), "leads")
    assert list(Lead.objects.values_list("name", "status")) == [("Ann Durand", "won")]


def test_first_and_last_names_in_columns_of_their_own_are_one_name(tmp_path):
    text = "Prénom;Nom;Courriel;Reçu le\nLéa;Roy;lea@example.com;2026-03-02\n;Petit;petit@example.com;2026-03-03\n"
    imported(written(tmp_path, text), "leads")
    assert set(Lead.objects.values_list("name", flat=True)) == {"Léa Roy", "Petit"}


@pytest.mark.parametrize(
    ("written_status", "status"),
    [
        ("Perdue", "lost"),
        ("Perdu", "lost"),
        ("GAGNÉ", "won"),
        ("qualifie", "qualified"),
        ("Verloren", "lost"),
        ("En cours", "new"),
    ],
)
def test_statuses_are_known_in_other_languages_whatever_the_readers(tmp_path, written_status, status):
    text = f"external_id,received_at,status\nA1,2026-03-02,{written_status}\n"
    imported(written(tmp_path, text), "leads")
    assert Lead.objects.get().status == status


def test_the_values_of_a_link_make_the_first_touch(tmp_path):
    CampaignFactory(name="Spring")
    run = bring(
        tmp_path,
        "w1,2026-03-02,Ann,,,facebook.com,social,spring",
        "w2,2026-03-02,Bob,,,(direct),(none),",
        "w3,2026-03-02,Cy,LinkedIn,,facebook.com,social,autumn",
    )
    assert first_touches() == [
        ("Facebook", "Spring", "facebook.com"),
        ("", "", "(direct)"),
        ("LinkedIn", "", "facebook.com"),
    ]
    assert {remark["code"] for remark in run.remarks} == {"campaign_unknown"}
    undone(run)
    assert not Lead.objects.exists()


def test_a_campaign_without_a_platform_makes_a_touch(tmp_path):
    CampaignFactory(name="Spring")
    bring(tmp_path, "w1,2026-03-02,Ann,,Spring,,,")
    assert first_touches() == [("", "Spring", "")]


def test_a_source_of_a_link_that_nobody_knows_is_asked_about(tmp_path):
    path = written(tmp_path, f"{HEADER}w1,2026-03-02,Ann,,,partner.example,referral,\n")
    findings = examined(path, "leads")
    assert [(question["sort"], question["text"]) for question in findings.questions] == [
        ("platform", "partner.example")
    ]
    PlatformFactory(name="partner.example")
    imported(path, "leads")
    assert first_touches() == [("partner.example", "", "partner.example")]


def test_beside_columns_that_somebody_named_by_hand_nothing_is_guessed(tmp_path):
    text = "N°;Date de contact;Nom\n1;2026-03-02;Ann\n"
    by_hand = ColumnMapping(columns={"received_at": "Date de contact", "name": "Nom"})
    run = imported(written(tmp_path, text), "leads", mapping=by_hand)
    assert (run.source, Lead.objects.get().external_id) == ("generic", None)
    again = imported(written(tmp_path, text), "leads")  # what was said of this header is remembered
    assert again.counts["written"] == {"same": 1}


def test_words_in_cells_are_no_header_and_a_title_above_is_found(tmp_path):
    text = "Customer,When,Opt-in,Channel\nBob,2026-03-02,No,Mail\nAnn,2026-03-03,No,Mail\n"
    mapping = ColumnMapping(columns={"name": "Customer", "received_at": "When"})
    imported(written(tmp_path, text), "leads", mapping=mapping)
    assert Lead.objects.count() == 2
    titled = "Contacts de mars;;\n;;\nNom;Date de contact;Courriel\nLéa;2026-03-04;lea@example.com\n"
    imported(written(tmp_path, titled), "leads")
    assert Lead.objects.filter(name="Léa").exists()
