"""The views of lists that the demo's manager and director have saved."""

from collections.abc import Sequence

from django.utils.http import urlencode

from campaigns.models import SavedView
from campaigns.models.catalogue import Purpose
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from campaigns.models.saved_views import ListName
from operations.demo.catalogue import Catalogue
from operations.demo.plan import Plan
from timesheets.models import User


def save(plan: Plan, catalogue: Catalogue, people: Sequence[User]) -> None:
    """Save the same views for each of these people."""
    facebook = str(catalogue.platforms["Facebook"].pk)
    views: tuple[tuple[ListName, str, dict[str, str]], ...] = (
        (ListName.LEADS, "To call back", {"status": LeadStatus.NEW}),
        (
            ListName.LEADS,
            "Could not pay, from Facebook",
            {"reason": DisqualifiedReason.CANNOT_AFFORD, "platform": facebook},
        ),
        (ListName.SALES, "This quarter's refunds", {"kind": "refund", "when": "quarter"}),
        (ListName.SPEND, "What Facebook costs this year", {"platform": facebook, "when": "year"}),
        (ListName.CAMPAIGNS, "For existing clients", {"purpose": Purpose.KEEP}),
    )
    SavedView.objects.bulk_create(
        SavedView(member=person, list_name=list_name, name=plan.text(name), query=urlencode(filters))
        for person in people
        for list_name, name, filters in views
    )
