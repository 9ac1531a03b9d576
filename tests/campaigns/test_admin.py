"""Django's admin for campaigns: every list, form and search opens for a director."""

import pytest
from django.contrib import admin
from django.urls import reverse

from campaigns.models import Agency, JobRun, StaleMark
from tests.factories import (
    CampaignFactory,
    LeadFactory,
    OutcomeFactory,
    PlatformFactory,
    SaleFactory,
    SpendFactory,
    TouchFactory,
)

MODELS = [model for model in admin.site._registry if model._meta.app_label == "campaigns"]


@pytest.fixture
def signed_in(client, director):
    client.force_login(director)
    Agency.current()
    SaleFactory(lead=LeadFactory(), platform=PlatformFactory(), campaign=CampaignFactory())
    SpendFactory()
    OutcomeFactory()
    TouchFactory().lead.move_to("qualified", at=LeadFactory().received_at)
    JobRun.objects.create(name="sweep")
    return client


def page(model, action: str, *args: object) -> str:
    return reverse(f"admin:campaigns_{model._meta.model_name}_{action}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_can_be_seen_searched_and_opened(signed_in, model):
    assert signed_in.get(page(model, "changelist"), {"q": "x"}).status_code == 200
    for row in model.objects.all()[:1]:
        assert signed_in.get(page(model, "change", row.pk)).status_code == 200


def test_a_manager_does_not_enter(client, manager):
    client.force_login(manager)
    assert client.get(reverse("admin:index")).status_code == 403


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    """It would pass by the second factor and by the count of attempts."""
    assert client.get(reverse("admin:index"))["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/?next=/admin/campaigns/")["Location"] == (
        "/accounts/login/?next=%2Fadmin%2Fcampaigns%2F"
    )


def test_a_touch_is_not_edited_and_what_jobs_write_is_only_looked_at(signed_in):
    touch = TouchFactory()
    assert signed_in.post(page(type(touch), "change", touch.pk), {}).status_code == 403
    assert signed_in.get(page(type(touch), "add")).status_code == 200
    for model in (StaleMark, JobRun):
        assert signed_in.get(page(model, "add")).status_code == 403


def test_the_versions_of_a_sale_can_be_seen(signed_in):
    sale = SaleFactory()
    assert signed_in.get(page(type(sale), "history", sale.pk)).status_code == 200
