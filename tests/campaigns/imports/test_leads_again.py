"""A person is a lead once: adopted where nothing differs, said where something does."""

import pytest

from campaigns.models import Lead
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import LeadFactory, PlatformFactory

pytestmark = pytest.mark.django_db

WITHOUT = "received_at,platform,name,email,company\n2026-03-06 09:00,Facebook,Wim Lab,wim@x.example,W\n"
WITH = "external_id,received_at,platform,name,email\nh9,2026-03-06 09:00,Facebook,Wim Lab,wim@x.example\n"


@pytest.fixture(autouse=True)
def facebook():
    return PlatformFactory(name="Facebook")


def codes(run):
    return {remark["code"]: remark["count"] for remark in run.remarks}


def test_a_row_with_an_id_adopts_the_lead_without_one(tmp_path):
    first = imported(written(tmp_path, WITHOUT), "leads")
    run = imported(written(tmp_path, WITH), "leads")
    assert Lead.objects.get().external_id == "h9"
    assert "same_email" not in codes(run)
    assert imported(written(tmp_path, WITHOUT), "leads").counts["written"] == {"same": 1}
    undone(run)
    assert Lead.objects.get().external_id is None
    undone(first)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(WITH.replace("09:00", "09:05"), id="another minute"),
        pytest.param(WITH.replace("Wim Lab", "W. Lab"), id="another name"),
        pytest.param(
            WITH.replace("name,email", "name,email,company").replace("x.example\n", "x.example,W Ltd\n"), id="company"
        ),
    ],
)
def test_an_address_that_is_a_lead_already_is_said_and_never_merged_by_itself(tmp_path, other):
    imported(written(tmp_path, WITHOUT), "leads")
    findings = examined(written(tmp_path, other), "leads")
    assert "same_email" in codes(findings)
    imported(written(tmp_path, other), "leads")
    assert Lead.objects.count() == 2


def test_two_rows_of_one_file_with_one_address_are_said(tmp_path):
    text = "external_id,received_at,email\na,2026-03-06,info@x.example\nb,2026-03-07,info@x.example\n"
    assert codes(imported(written(tmp_path, text), "leads"))["same_email"] == 1


def test_of_two_leads_that_fit_none_is_adopted(tmp_path):
    first = imported(written(tmp_path, WITHOUT), "leads")
    lead = Lead.objects.get()
    LeadFactory(external_id=None, name=lead.name, email=lead.email, received_at=lead.received_at, company="")
    assert "same_email" in codes(imported(written(tmp_path, WITH), "leads"))
    assert Lead.objects.count() == 3
    assert first.rows.count() == 1


def test_a_lead_may_have_a_phone_alone_and_comes_in_once(tmp_path):
    text = "received_at,platform,phone\n2026-03-06,Facebook,+33 6 00 00 00 01\n2026-03-06,Facebook,0600000002\n"
    imported(written(tmp_path, text), "leads")
    assert sorted(Lead.objects.values_list("phone", flat=True)) == ["+33 6 00 00 00 01", "0600000002"]
    turned = "".join([text.splitlines(keepends=True)[number] for number in (0, 2, 1)])
    assert imported(written(tmp_path, turned), "leads").counts["written"] == {"same": 2}


def test_a_phone_is_read_from_hubspot_and_taken_out_again(tmp_path, client, director):
    text = "Record ID,Phone Number,Create Date\n7,+33 6 00 00 00 01,2026-03-06 09:00\n"
    run = imported(written(tmp_path, text), "leads")
    assert run.source == "hubspot"
    client.force_login(director)
    file = b"".join(client.get("/leads/export.csv").streaming_content)
    assert b"+33 6 00 00 00 01" in file
    assert imported(written(tmp_path, file), "leads").counts["written"] == {"same": 1}
    assert "+33 6 00 00 00 01" in client.get(f"/leads/{Lead.objects.get().pk}/").content.decode()
