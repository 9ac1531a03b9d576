"""Campaigns in Django's admin, for the director: to look, search, and repair by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from campaigns.models import (
    Agency,
    Campaign,
    CampaignAlias,
    Client,
    Decision,
    ExchangeRate,
    ImportedRow,
    ImportRun,
    JobRun,
    Lead,
    LimitTrial,
    Outcome,
    OutcomeValue,
    Platform,
    PlatformAlias,
    RememberedMapping,
    Retry,
    Sale,
    Spend,
    StaleMark,
    StatusChange,
    Touch,
    UnrecordedPeriod,
)


class LookOnly(admin.ModelAdmin):
    """What jobs write: shown, never changed by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Agency)
class AgencyAdmin(SimpleHistoryAdmin):
    list_display = ["name", "currency", "time_zone", "window_weeks", "target_return", "credit_model"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(LookOnly):
    """Changed on its own page alone, which shows and changes the amounts that were counted by it."""

    list_display = ["currency", "day", "rate"]
    list_filter = ["currency"]


@admin.register(UnrecordedPeriod)
class UnrecordedPeriodAdmin(SimpleHistoryAdmin):
    list_display = ["first_day", "last_day"]


class PlatformAliasInline(admin.TabularInline):
    model = PlatformAlias
    extra = 1


@admin.register(Platform)
class PlatformAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "weekly_limit_minutes", "colour", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "aliases__text"]
    inlines = [PlatformAliasInline]


@admin.register(Decision)
class DecisionAdmin(LookOnly):
    """Published and withdrawn on their own page."""

    list_display = ["__str__", "published_at", "published_by", "withdrawn_at"]
    list_select_related = ["published_by"]
    search_fields = ["heading", "facts", "sentence"]


@admin.register(LimitTrial)
class LimitTrialAdmin(LookOnly):
    """Begun and ended on their own pages, which say when."""

    list_display = ["platform", "limit_minutes", "first_week", "last_week", "started_by", "ended_at"]
    list_filter = ["platform"]
    list_select_related = ["platform", "started_by"]


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    list_display = ["name", "is_own_brand", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]


class CampaignAliasInline(admin.TabularInline):
    model = CampaignAlias
    extra = 1


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ["name", "client", "purpose", "starts_on", "ends_on", "is_general", "is_active"]
    list_filter = ["purpose", "is_active"]
    list_select_related = ["client"]
    search_fields = ["name", "client__name", "aliases__text"]
    autocomplete_fields = ["client"]
    inlines = [CampaignAliasInline]


@admin.register(Spend)
class SpendAdmin(admin.ModelAdmin):
    list_display = ["__str__", "platform", "campaign", "starts_on", "ends_on", "amount_cents", "voided_at"]
    list_filter = [("voided_at", admin.EmptyFieldListFilter), "platform"]
    list_select_related = ["platform", "campaign"]
    search_fields = ["description", "external_id"]
    autocomplete_fields = ["platform", "campaign"]
    date_hierarchy = "starts_on"


@admin.register(Outcome)
class OutcomeAdmin(admin.ModelAdmin):
    list_display = ["measure", "platform", "campaign", "week", "count", "voided_at"]
    list_filter = [("voided_at", admin.EmptyFieldListFilter), "platform"]
    list_select_related = ["platform", "campaign"]
    search_fields = ["measure", "note"]
    autocomplete_fields = ["platform", "campaign"]


@admin.register(OutcomeValue)
class OutcomeValueAdmin(SimpleHistoryAdmin):
    list_display = ["measure", "week", "value_cents", "reason", "voided_at"]
    list_filter = [("voided_at", admin.EmptyFieldListFilter)]
    search_fields = ["measure", "reason"]


class StatusChangeInline(admin.TabularInline):
    model = StatusChange
    fields = ["at", "before", "after", "reason", "by"]
    readonly_fields = ["at", "before", "after", "reason", "by"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    """The status is changed on the lead's own page, which leaves the record of it."""

    list_display = ["__str__", "company", "status", "disqualified_reason", "received_at", "voided_at"]
    list_filter = ["status", "disqualified_reason", ("voided_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "company", "email", "external_id"]
    readonly_fields = ["status", "disqualified_reason", "qualified_at", "voided_at", "void_reason"]
    inlines = [StatusChangeInline]
    show_full_result_count = False


@admin.register(StatusChange)
class StatusChangeAdmin(LookOnly):
    list_display = ["lead", "before", "after", "reason", "at", "by"]
    list_filter = ["after", "reason"]
    list_select_related = ["lead", "by"]
    search_fields = ["lead__name", "lead__company", "lead__external_id"]
    show_full_result_count = False


@admin.register(Touch)
class TouchAdmin(admin.ModelAdmin):
    """Added or voided, never edited."""

    list_display = ["lead", "at", "platform", "campaign", "utm_source", "voided_at"]
    list_filter = ["platform", ("voided_at", admin.EmptyFieldListFilter)]
    list_select_related = ["lead", "platform", "campaign"]
    search_fields = ["lead__name", "lead__company", "lead__external_id"]
    autocomplete_fields = ["lead", "platform", "campaign"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Sale)
class SaleAdmin(SimpleHistoryAdmin):
    list_display = ["__str__", "lead", "sold_on", "amount_cents", "refund_of", "voided_at"]
    list_filter = [
        ("refund_of", admin.EmptyFieldListFilter),
        ("voided_at", admin.EmptyFieldListFilter),
        "platform",
    ]
    list_select_related = ["lead", "refund_of"]
    search_fields = ["description", "external_id", "lead__name", "lead__company"]
    autocomplete_fields = ["lead", "platform", "campaign", "refund_of"]
    date_hierarchy = "sold_on"


@admin.register(ImportRun)
class ImportRunAdmin(LookOnly):
    list_display = ["file_name", "kind", "source", "status", "rows_done", "rows_total", "requested_by", "created_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["requested_by"]
    search_fields = ["file_name"]


@admin.register(ImportedRow)
class ImportedRowAdmin(LookOnly):
    list_display = ["run", "line", "kind", "object_id"]
    list_filter = ["kind"]
    list_select_related = ["run"]
    search_fields = ["run__file_name"]
    show_full_result_count = False


@admin.register(RememberedMapping)
class RememberedMappingAdmin(admin.ModelAdmin):
    list_display = ["kind", "header"]
    list_filter = ["kind"]


@admin.register(StaleMark)
class StaleMarkAdmin(LookOnly):
    list_display = ["pk", "week_from", "week_to", "lead_id", "sale_id", "everything"]
    show_full_result_count = False


@admin.register(JobRun)
class JobRunAdmin(LookOnly):
    list_display = ["name", "next_due", "started_at", "finished_at", "failures", "set_aside_until"]
    search_fields = ["name"]


@admin.register(Retry)
class RetryAdmin(LookOnly):
    list_display = ["what", "at", "by"]
