"""Two leads that are one person: merged on a director's word, split again, erased together."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from campaigns import erasure, merge_leads, retention
from campaigns.imports.warnings import sentences
from campaigns.models import Agency, Erasure, ImportRun, Lead, LeadMerge, Touch
from campaigns.personal_data_export import on_lead
from tests.campaigns.imports.importing import imported, undone, written
from tests.factories import LeadFactory, PlatformFactory, SaleFactory, TouchFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
EARLY, LATE = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def two():
    """A lead without much, and the same person again, who bought."""
    one = LeadFactory(external_id="A1", name="Wim Lab", email="wim@x.example", company="", received_at=LATE)
    other = LeadFactory(external_id="B1", name="W. Lab", email="wim@x.example", company="W", received_at=EARLY)
    TouchFactory(lead=one, at=LATE)
    TouchFactory(lead=other, at=EARLY)
    other.move_to("won", at=EARLY + timedelta(days=9))
    SaleFactory(lead=other, sold_on=date(2026, 3, 20), amount_cents=5000)
    return one, other


def merged(two, director):
    one, other = two
    record = merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=AT)
    for lead in two:
        lead.refresh_from_db()
    return record


def everything(two):
    return [
        list(Lead.objects.order_by("pk").values()),
        *(
            [
                sorted(getattr(lead, name).values_list("pk", flat=True))
                for name in ("touches", "sales", "status_changes")
            ]
            for lead in two
        ),
    ]


def test_a_merge_keeps_the_earliest_contact_the_furthest_status_and_all_that_hangs_on_both(two, director):
    merged(two, director)
    one, other = two
    assert (one.received_at, one.status, one.qualified_at) == (EARLY, "won", EARLY + timedelta(days=9))
    assert (one.name, one.company) == ("Wim Lab", "W")
    assert one.touches.count() == 2
    assert one.sales.get().history.count() == 2
    assert [change.after for change in one.status_changes.all()] == ["won", "won"]
    assert other.is_void
    assert not other.touches.exists()
    assert Lead.objects.live().get() == one


def test_a_merge_is_split_again_and_what_came_later_stays(two, director):
    before = everything(two)
    record = merged(two, director)
    merge_leads.split(record, by=director)
    assert everything(two) == before
    record = merged(two, director)
    one, other = two
    later = TouchFactory(lead=one, at=AT)
    one.company = "Lab Ltd"
    one.save()
    merge_leads.split(record, by=director)
    one.refresh_from_db()
    assert one.company == "Lab Ltd"
    assert later in one.touches.all()
    assert other.touches.count() == 1
    assert not LeadMerge.objects.exists()


def test_a_chain_is_split_from_its_end(two, director):
    one, _other = two
    first = merged(two, director)
    third = LeadFactory(received_at=LATE)
    second = merge_leads.merge(survivor_id=third.pk, merged_id=one.pk, by=director, at=AT)
    with pytest.raises(merge_leads.LeadMergeRefused):
        merge_leads.split(first, by=director)
    merge_leads.split(second, by=director)
    merge_leads.split(first, by=director)
    assert Lead.objects.live().count() == 3


@pytest.mark.parametrize("which", [0, 1], ids=["the survivor", "the merged one"])
def test_erasing_either_erases_both_and_the_record(two, director, which):
    merged(two, director)
    erasure.erase([two[which]], at=AT, why="request")
    assert not Lead.objects.exclude(name="", email="", company="").exists()
    assert Erasure.objects.count() == 2
    assert not LeadMerge.objects.exists()


def test_the_data_held_on_a_lead_holds_both_and_the_merge(two, director):
    merged(two, director)
    for lead in two:
        data = on_lead(lead)
        assert {data["lead"]["name"], *(row["name"] for row in data["merged with"])} == {"Wim Lab", "W. Lab"}
        assert data["campaigns.leadmerge"][0]["before"]["was"]["name"] == "Wim Lab"


def test_a_merged_lead_is_kept_as_long_as_the_one_it_is_part_of(two, director):
    one, _other = two
    merged(two, director)
    TouchFactory(lead=one, at=AT)
    assert not retention.due(AT + timedelta(days=400)).exists()


def test_a_touch_moves_with_a_merge_and_in_no_other_way(two, director):
    one, other = two
    for _state in ("two leads", "split again"):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            Touch.objects.filter(lead=other).update(lead=one)
        merge_leads.split(merged(two, director), by=director)


def test_files_of_either_lead_find_the_survivor_and_change_nothing_back(two, director, tmp_path):
    merged(two, director)
    one, _other = two
    platform = PlatformFactory(name="Facebook")
    before = list(Lead.objects.order_by("pk").values())
    leads = (
        "external_id,received_at,name,email,company,status\n"
        "A1,2026-03-06T09:00:00Z,Wim Lab,wim@x.example,,new\nB1,2026-03-02T09:00:00Z,W. Lab,wim@x.example,W,won\n"
    )
    run = imported(written(tmp_path, leads), "leads")
    assert run.counts["written"] == {"same": 2}
    assert [(remark["code"], remark["line"], remark["count"]) for remark in run.remarks] == [("merged_lead", 3, 1)]
    assert "1 row is of a person whose leads were merged (line 3): its name, " in " ".join(sentences(run.remarks))
    assert list(Lead.objects.order_by("pk").values()) == before
    imported(written(tmp_path, f"lead_external_id,at,platform\nB1,2026-04-01 10:00,{platform.name}\n"), "touches")
    imported(written(tmp_path, "external_id,lead_external_id,sold_on,amount\nS1,B1,2026-04-02,10\n"), "sales")
    assert (one.touches.count(), one.sales.count()) == (3, 2)


def test_undoing_the_file_of_a_merged_lead_keeps_it(director, tmp_path):
    leads = "external_id,received_at,name\nA1,2026-03-06,Wim\nB1,2026-03-02,Wim\n"
    run = imported(written(tmp_path, leads), "leads")
    one, other = Lead.objects.order_by("external_id")
    merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=AT)
    undone(run)
    assert run.counts["kept"] == 2
    assert Lead.objects.count() == 2


def test_what_cannot_be_merged_is_refused(two, director):
    one, other = two
    with pytest.raises(merge_leads.LeadMergeRefused):
        merge_leads.merge(survivor_id=one.pk, merged_id=one.pk, by=director, at=AT)
    run = ImportRun.objects.create(kind="leads", file_name="x.csv", status="importing")
    with pytest.raises(merge_leads.LeadMergeRefused, match="being imported"):
        merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=AT)
    run.delete()
    erasure.erase([other], at=AT, why="request")
    with pytest.raises(merge_leads.LeadMergeRefused, match="erased"):
        merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=AT)


def test_why_a_lead_is_withdrawn_is_kept_in_the_language_of_the_agency(director, two):
    Agency.current()
    Agency.objects.update(language="fr")
    one, other = two
    with translation.override("en"):
        merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=AT)
    assert Lead.objects.get(pk=other.pk).void_reason == f"Fusionné dans le contact {one.pk}."


def test_a_director_merges_and_splits_on_the_page(client, director, two):
    client.force_login(director)
    one, other = two
    assert "W. Lab" in client.get(f"/leads/{one.pk}/merge/").content.decode()
    assert client.post(f"/leads/{one.pk}/merge/", {"number": one.pk}).status_code == 422
    assert client.post(f"/leads/{one.pk}/merge/", {"number": other.pk}).status_code == 302
    assert "Merged into lead" in client.get(f"/leads/{other.pk}/").content.decode()
    client.post(f"/leads/{other.pk}/restore/")
    assert Lead.objects.get(pk=other.pk).is_void
    assert "Split them again" in client.get(f"/leads/{other.pk}/merge/").content.decode()
    assert client.post(f"/leads/{other.pk}/split/").status_code == 302
    assert not Lead.objects.get(pk=other.pk).is_void


def test_a_manager_cannot_merge(client, manager, two):
    client.force_login(manager)
    assert client.post(f"/leads/{two[0].pk}/merge/", {"number": two[1].pk}).status_code in (403, 404)
    assert "merge" not in client.get(f"/leads/{two[0].pk}/").content.decode().lower()
