"""The plain admin of what is computed: to look at, not to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from reports.models import (
    CampaignWeek,
    Comparison,
    Credit,
    Evaluation,
    Flag,
    PlatformWeek,
    Subscriber,
    SummaryDelivery,
    Verdict,
)


class ReadOnly(admin.ModelAdmin):
    """Computed rows: another computation would overwrite what is typed here."""

    # Counting millions of rows for the list's foot is not worth it.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Credit)
class CreditAdmin(ReadOnly):
    list_display = ["__str__", "platform", "campaign", "work_week", "money_week", "share_linear", "cents_linear"]
    list_filter = ["platform", "is_qualified"]
    list_select_related = ["platform", "campaign"]
    search_fields = ["lead__name", "lead__external_id", "sale__external_id", "sale__description"]


@admin.register(PlatformWeek)
class PlatformWeekAdmin(ReadOnly):
    list_display = ["week", "basis", "platform", "minutes", "labour_cent_minutes", "spend_cents", "revenue_linear"]
    list_filter = ["basis", "platform"]
    list_select_related = ["platform"]
    date_hierarchy = "week"


@admin.register(CampaignWeek)
class CampaignWeekAdmin(ReadOnly):
    list_display = ["week", "basis", "platform", "campaign", "minutes", "spend_cents", "revenue_linear"]
    list_filter = ["basis", "platform"]
    list_select_related = ["platform", "campaign"]
    search_fields = ["campaign__name"]
    date_hierarchy = "week"


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ["platform", "week", "state", "plain_state", "evaluated_at"]
    list_filter = ["state", "plain_state", "platform"]
    list_select_related = ["platform"]
    date_hierarchy = "week"


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ["platform", "week", "evaluated_at"]
    list_filter = ["platform"]
    list_select_related = ["platform"]
    date_hierarchy = "week"


@admin.register(Comparison)
class ComparisonAdmin(ReadOnly):
    list_display = ["campaign", "until", "evaluated_at"]
    list_select_related = ["campaign"]
    search_fields = ["campaign__name"]


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    list_display = [
        "platform",
        "kind",
        "raised_on",
        "acknowledged_at",
        "acknowledged_by",
        "snoozed_until",
        "cleared_on",
        "cleared_because",
    ]
    list_filter = ["kind", "platform"]
    list_select_related = ["platform", "acknowledged_by"]
    search_fields = ["note", "platform__name"]


@admin.register(Subscriber)
class SubscriberAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "language", "unsubscribed_at"]
    list_filter = ["language"]
    search_fields = ["email", "name"]


@admin.register(SummaryDelivery)
class SummaryDeliveryAdmin(ReadOnly):
    list_display = ["subscriber", "week", "state", "attempts", "sent_at", "reason"]
    list_filter = ["state"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email", "subject"]
    date_hierarchy = "week"
