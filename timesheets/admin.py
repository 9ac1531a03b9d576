"""The plain admin of people and hours, for directors. Every change goes through the models' own save."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401  registered first, so that it can be taken out below
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from timesheets import sign_in
from timesheets.forms import StaffedForm, record_role
from timesheets.models import CostRate, PersonAlias, TimeEntry, Timesheet, TimesheetRow, User

# Secrets of second factors are for nobody's eyes, a person has the one address that Team shows, single sign-on is set
# up in the environment, and what somebody may do is their role.
admin.site.unregister([Authenticator, EmailAddress, Group, SocialAccount, SocialApp, SocialToken])


class PersonAliasInline(admin.TabularInline):
    model = PersonAlias
    extra = 0


class PersonCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email", "name")


class PersonChangeForm(StaffedForm, UserChangeForm):
    pass


class OneByOne(admin.ModelAdmin):
    """Deletes each object by its own `delete`: it restamps what a rate covered, and leaves the history."""

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            row.delete()


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    inlines = [PersonAliasInline]
    list_display = ["name", "email", "role", "weekly_minutes", "joined_on", "left_on", "is_active"]
    list_filter = ["role", "is_active", "logs_hours", "language"]
    search_fields = ["name", "email", "aliases__text"]
    ordering = ["name"]
    filter_horizontal = []
    readonly_fields = ["last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "role", "is_active"]}),
        (_("Work"), {"fields": ["weekly_minutes", "logs_hours", "joined_on", "left_on"]}),
        (_("Preferences"), {"fields": ["language", "theme", "duration_style"]}),
        (None, {"fields": ["last_login"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "role", "joined_on", "weekly_minutes"]}),
        (_("Password"), {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.inlines if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes themselves, so that a director stays."""
        return obj != request.user and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        sign_in.hold_to(obj)
        record_role(form, by=request.user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Tell a person that somebody else chose their password."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            get_adapter().send_notification_mail("account/email/password_changed", User.objects.get(pk=id))
        return answer


@admin.register(PersonAlias)
class PersonAliasAdmin(admin.ModelAdmin):
    list_display = ["text", "person"]
    list_select_related = ["person"]
    search_fields = ["text", "person__name"]
    autocomplete_fields = ["person"]


@admin.register(CostRate)
class CostRateAdmin(OneByOne, SimpleHistoryAdmin):
    list_display = ["member", "starts_on", "hourly_cents"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__email"]
    date_hierarchy = "starts_on"
    autocomplete_fields = ["member"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A rate stays with its person: the hours it covered are restamped for that person alone."""
        return ["member"] if obj else []


class TimesheetRowInline(admin.TabularInline):
    model = TimesheetRow
    extra = 0
    autocomplete_fields = ["platform", "campaign"]


@admin.register(Timesheet)
class TimesheetAdmin(OneByOne, SimpleHistoryAdmin):
    list_display = ["member", "week", "submitted_at", "approved_at", "reopen_reason"]
    list_select_related = ["member"]
    list_filter = [("submitted_at", admin.EmptyFieldListFilter), "week"]
    search_fields = ["member__name", "member__email"]
    date_hierarchy = "week"
    autocomplete_fields = ["member", "approved_by"]
    inlines = [TimesheetRowInline]


@admin.register(TimeEntry)
class TimeEntryAdmin(OneByOne, SimpleHistoryAdmin):
    list_display = ["day", "member", "platform", "campaign", "minutes", "hourly_cents", "note"]
    list_select_related = ["member", "platform", "campaign"]
    list_filter = ["platform", ("hourly_cents", admin.EmptyFieldListFilter)]
    search_fields = ["member__name", "member__email", "platform__name", "campaign__name", "note"]
    date_hierarchy = "day"
    autocomplete_fields = ["member", "platform", "campaign"]
    readonly_fields = ["week", "hourly_cents", "version"]
    show_full_result_count = False  # counting millions for a number beside the list
