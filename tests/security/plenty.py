"""An agency with plenty of each thing: rows of the estate over again, each a little other.

A new model of ours is filled here, or has a line in FEW that says why there are never many of it on a page.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models

from campaigns import models as campaigns
from campaigns.models.saved_views import ListName
from reports import models as reports
from reports.attribution import rollups
from tests.security.estate import LAST, NOW, ROLES, Estate
from timesheets import models as timesheets

OURS = ("campaigns", "timesheets", "reports", "operations")
# What there is one of, what a drain writes by itself, and what lies on no page.
FEW = {
    "campaigns.Agency": "one",
    "campaigns.LinkRules": "one",
    "campaigns.ChangeCounter": "one",
    "campaigns.Hold": "one open of each kind; those that are over stand nowhere",
    "campaigns.HoldNotice": "of a hold",
    "campaigns.JobRun": "one for each job of the schedule",
    "campaigns.StaleMark": "written by triggers, gone after a drain",
    "campaigns.LoggedChange": "written by triggers; the API alone reads it",
    "campaigns.IdempotentAnswer": "on no page",
    "campaigns.Submission": "on no page",
    "campaigns.WebhookEvent": "on no page",
    "campaigns.RememberedMapping": "on no page but the admin's",
    "campaigns.RememberedOrigin": "one for each person; on no page",
    "campaigns.ImportedRow": "of an import, which says how many",
    "timesheets.PersonErasure": "on no page",
    "timesheets.PinnedRow": "a line of one's own week",
    "timesheets.TimesheetRow": "a line of one's own week",
    "timesheets.Session": "one for each browser in which somebody signed in within days; of one person on a page",
    "timesheets.SetupToken": "of an empty installation",
    "timesheets.Timer": "one for each person",
    "reports.Credit": "written by a drain",
    "reports.CampaignWeek": "written by a drain",
    "reports.PlatformWeek": "written by a drain",
}
PART_OF = '{"merged_into": %s}'  # as campaigns/platform_redirects.py writes it


def copies(row: models.Model, count: int, vary: Callable[[int], dict[str, Any]] = lambda number: {}) -> list[Any]:
    """New rows like this one, each with the columns that `vary` gives to its number, from 1."""
    alike = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    table: Any = type(row)
    rows = [table(**{**alike, **vary(number)}) for number in range(1, count + 1)]
    return list(table._base_manager.bulk_create(rows))


def named(number: int) -> dict[str, Any]:
    return {"name": f"Plenty {number:05}"}


def week_before(number: int) -> Any:
    return LAST.plus(-number).monday


def weeks_of_trial(number: int) -> dict[str, Any]:
    """Eight weeks of their own, long over."""
    return {"first_week": LAST.plus(-8 * number - 8).monday, "last_week": LAST.plus(-8 * number - 1).monday}


class Plenty:
    """Adds `count` of each kind to the estate: beside what its addresses name, and under it."""

    def __init__(self, estate: Estate, count: int) -> None:
        self.estate, self.count = estate, count
        self.platforms: list[campaigns.Platform] = []
        self.campaigns: list[campaigns.Campaign] = []
        self.people: list[timesheets.User] = []
        self.leads: list[campaigns.Lead] = []

    def add(self) -> None:
        self._catalogue()
        self._people()
        self._hours()
        self._leads()
        self._money()
        self._steering()
        self._told()
        self._judged()
        self._histories()
        rollups.drain()

    def of(self, name: str, table: Any) -> Any:
        """The row that an address of this kind names, for a director."""
        return table.objects.get(pk=self.estate.arguments(name, "director")["pk"])

    def more(self, row: Any, vary: Callable[[int], dict[str, Any]] = lambda number: {}) -> list[Any]:
        return copies(row, self.count, vary)

    def _catalogue(self) -> None:
        campaign, platform = self.of("campaign", campaigns.Campaign), self.of("platform", campaigns.Platform)
        clients = self.more(self.of("client", campaigns.Client), named)
        self.platforms = self.more(platform, named)
        self.more(campaign, named)
        self.campaigns = self.more(campaign, lambda n: named(n) | {"client_id": clients[n - 1].pk})
        texts = [f"plenty {number}" for number in range(self.count)]
        campaigns.PlatformAlias.objects.bulk_create(
            campaigns.PlatformAlias(platform=platform, text=text) for text in texts
        )
        campaigns.CampaignAlias.objects.bulk_create(
            campaigns.CampaignAlias(campaign=campaign, text=text) for text in texts
        )
        self.more(campaigns.AgencyDay.objects.get(), lambda n: {"day": NOW.date() + timedelta(60 + n)})
        day = campaigns.UnrecordedPeriod.objects.get().first_day
        days = [day - timedelta(2 * number) for number in range(1, self.count + 1)]
        self.more(
            campaigns.UnrecordedPeriod.objects.get(), lambda n: {"first_day": days[n - 1], "last_day": days[n - 1]}
        )
        self.more(campaigns.ExchangeRate.objects.get(), lambda n: {"day": NOW.date() - timedelta(60 + n)})

    def _people(self) -> None:
        anna = self.estate.people["Anna"]
        self.people = self.more(anna, lambda n: named(n) | {"email": f"plenty{n}@example.com"})
        timesheets.PersonAlias.objects.bulk_create(
            timesheets.PersonAlias(person=anna, text=f"plenty {number}") for number in range(self.count)
        )
        rate = anna.rates.earliest("starts_on")
        self.more(rate, lambda n: {"starts_on": rate.starts_on + timedelta(n)})
        self.more(rate, lambda n: {"member_id": self.people[n - 1].pk})
        for role in ROLES[1:]:
            self._of_person(self.estate.people[role])
        self._of_person(anna)
        self.more(campaigns.ApiToken.objects.first(), lambda n: {"token_hash": f"service{n}", "person_id": None})

    def _of_person(self, person: timesheets.User) -> None:
        """What hangs on somebody: their days away, reminders, tokens, views and rows."""
        timesheets.Absence.objects.bulk_create(
            timesheets.Absence(member=person, first_day=day, last_day=day)
            for day in (NOW.date() - timedelta(100 + number) for number in range(self.count))
        )
        reminder = timesheets.Reminder.objects.first()
        self.more(reminder, lambda n: {"member_id": person.pk, "week": week_before(n), "kind": "asked"})
        token = campaigns.ApiToken.objects.first()
        self.more(token, lambda n: {"person_id": person.pk, "token_hash": f"{person.pk} {n}"})
        view = campaigns.SavedView.objects.first()
        for name in ListName.values:
            self.more(view, lambda n, name=name: named(n) | {"member_id": person.pk, "list_name": name})
        self.more(campaigns.SecurityEvent(kind="rate", at=NOW, by=person, person=person))
        self.more(campaigns.BulkChange.objects.first(), lambda n: {"by_id": person.pk})
        for run in campaigns.ImportRun.objects.filter(requested_by=person)[:1]:
            self.more(run)

    def _hours(self) -> None:
        """Weeks of Anna and of who asks that go far back, and one week of everybody and of each campaign."""
        sheet = timesheets.Timesheet.objects.filter(week=LAST.monday)[0]
        entry = timesheets.TimeEntry.objects.filter(member=self.estate.people["Anna"], week=LAST.monday)[0]
        for person in (self.estate.people[name] for name in ("Anna", "member", "manager", "director")):
            self._weeks_of(person, entry, sheet)
        self.more(entry, lambda n: {"member_id": self.people[n - 1].pk, "day": LAST.monday, "week": LAST.monday})
        for n, person in enumerate(self.people):
            place = {"platform_id": self.platforms[n].pk, "campaign_id": self.campaigns[n].pk, "member_id": person.pk}
            copies(entry, 1, lambda _n, place=place: place | {"day": LAST.days[1], "week": LAST.monday})
        self.more(sheet, lambda n: {"member_id": self.people[n - 1].pk})

    def _weeks_of(self, person: timesheets.User, entry: timesheets.TimeEntry, sheet: timesheets.Timesheet) -> None:
        for row in (entry, sheet):
            days = {"day"} & {field.name for field in row._meta.concrete_fields}
            self.more(
                row, lambda n, days=days: dict.fromkeys({"week", *days}, week_before(n + 60)) | {"member_id": person.pk}
            )

    def _leads(self) -> None:
        lead, touch = self.of("lead", campaigns.Lead), self.of("touch", campaigns.Touch)
        leads = self.leads = self.more(lead, lambda n: named(n) | {"external_id": f"plenty {n}"})
        self.more(touch)
        self.more(touch, lambda n: {"lead_id": leads[n - 1].pk})
        self.more(touch, lambda n: {"lead_id": leads[n - 1].pk, "campaign_id": self.campaigns[n - 1].pk})
        self.more(touch, lambda n: {"lead_id": leads[n - 1].pk, "platform_id": self.platforms[n - 1].pk})
        self.more(campaigns.StatusChange.objects.filter(lead=lead)[0])
        merged = self.more(lead, lambda n: {"name": f"Merged {n:05}", "external_id": f"merged {n}"})
        campaigns.LeadMerge.objects.bulk_create(
            campaigns.LeadMerge(survivor=lead, merged=other, at=NOW) for other in merged
        )
        campaigns.Erasure.objects.bulk_create(
            campaigns.Erasure(lead_id=10**9 + number, erased_at=NOW) for number in range(self.count)
        )

    def _money(self) -> None:
        sale, spend = self.of("sale", campaigns.Sale), self.of("spend", campaigns.Spend)
        self.more(sale, lambda n: {"external_id": f"plenty {n}"})
        self.more(sale, lambda n: {"lead_id": self.leads[n - 1].pk, "external_id": f"other plenty {n}"})
        refund = {"refund_of_id": sale.pk, "amount_cents": -1}
        self.more(sale, lambda n: refund | {"external_id": f"refund {n}"})
        self.more(spend, lambda n: {"external_id": f"plenty {n}"})
        self.more(spend, lambda n: {"platform_id": self.platforms[n - 1].pk, "external_id": f"other plenty {n}"})
        outcome, value = self.of("outcome", campaigns.Outcome), self.of("outcome value", campaigns.OutcomeValue)
        self.more(outcome, lambda n: {"measure": f"Plenty {n:05}"})
        self.more(outcome, lambda n: {"week": week_before(n)})
        self.more(value, lambda n: {"measure": f"Plenty {n:05}"})
        self.more(value, lambda n: {"week": week_before(n + 20)})
        link = self.of("link", campaigns.TrackingLink)
        self.more(link, lambda n: {"slug": f"plenty-{n}"})
        campaigns.LinkClicks.objects.bulk_create(
            campaigns.LinkClicks(link=link, day=NOW.date() - timedelta(number), count=1) for number in range(self.count)
        )

    def _steering(self) -> None:
        decision, trial = self.of("decision", campaigns.Decision), self.of("trial", campaigns.LimitTrial)
        self.more(decision)
        self.more(decision, lambda n: {"withdrawn_at": NOW})
        self.more(trial, weeks_of_trial)
        trials = self.more(trial, lambda n: weeks_of_trial(n) | {"platform_id": self.platforms[n - 1].pk})
        comparison = reports.TrialComparison(trial=trial, results=[], evaluated_at=NOW)
        self.more(comparison, lambda n: {"trial_id": trials[n - 1].pk})
        flag = self.of("flag", reports.Flag)
        over = {"cleared_on": flag.raised_on, "cleared_because": "above_line"}
        self.more(flag, lambda n: over)
        of_platform = {"campaign_id": None, "kind": "losing", "threshold": None}
        self.more(flag, lambda n: of_platform | {"platform_id": self.platforms[n - 1].pk})
        self.more(flag, lambda n: of_platform | over | {"platform_id": self.platforms[n - 1].pk})
        budget = {"platform_id": None, "kind": "hours", "threshold": 80}
        self.more(flag, lambda n: budget | {"campaign_id": self.campaigns[n - 1].pk})
        self.more(flag, lambda n: budget | over | {"campaign_id": self.campaigns[n - 1].pk})
        director = self.estate.people["director"]
        for row, action, words in (
            (flag, CHANGE, "Noted"),
            (decision.platform, DELETION, PART_OF % decision.platform_id),
        ):
            kind = ContentType.objects.get_for_model(row)
            entry = LogEntry(user=director, content_type=kind, object_id="0", object_repr="Plenty", action_flag=action)
            entry.change_message = words
            self.more(entry)

    def _told(self) -> None:
        webhook, message = self.of("webhook", campaigns.Webhook), self.of("webhook message", campaigns.WebhookDelivery)
        self.more(webhook, named)
        self.more(message, lambda n: {"message_id": f"plenty {n}"})
        self.more(message, lambda n: {"message_id": f"failed {n}", "state": "failed"})
        key, spam = self.of("form key", campaigns.CaptureKey), self.of("spam", campaigns.CapturedContact)
        self.more(key, lambda n: named(n) | {"key": f"plenty{n}"})
        self.more(spam)
        self.more(spam, lambda n: {"kind": "repeat", "lead_id": self.of("lead", campaigns.Lead).pk})
        letter = self.of("letter", reports.SummaryDelivery)
        self.more(letter, lambda n: {"week": week_before(n)})
        readers = self.more(letter.subscriber, lambda n: named(n) | {"email": f"reader.plenty{n}@example.com"})
        self.more(letter, lambda n: {"subscriber_id": readers[n - 1].pk})
        self.more(campaigns.Retry(what="evaluate", at=NOW))

    def _judged(self) -> None:
        for table in (reports.Verdict, reports.Evaluation):
            row = table.objects.filter(platform=self.of("platform", campaigns.Platform)).latest("week")
            self.more(row, lambda n: {"week": week_before(n + 60)})
            self.more(row, lambda n: {"platform_id": self.platforms[n - 1].pk})
        comparison = reports.Comparison.objects.first()
        self.more(comparison, lambda n: {"campaign_id": self.campaigns[n - 1].pk})

    def _histories(self) -> None:
        """Each row that an address names has been changed often."""
        for table in apps.get_models():
            if table._meta.app_label in OURS and table.__name__.startswith("Historical"):
                self._changed(table)

    def _changed(self, table: Any) -> None:
        for record in table.objects.order_by("-history_id")[:1]:
            self.more(record, lambda n: {"history_change_reason": None})
