"""An agency with one of everything, in which each rate is a number that stands nowhere else.

An hour costs tens of thousands here, and all other money is small: whatever holds a rate is large or unusual.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from campaigns.imports import runner
from campaigns.models import (
    AgencyDay,
    ApiToken,
    BulkChange,
    Campaign,
    EventKind,
    ExchangeRate,
    Hold,
    ImportRun,
    RememberedMapping,
    SavedView,
    Webhook,
)
from campaigns.webhooks import events as webhooks
from core.weeks import Week
from reports.attribution import rollups
from reports.comparisons import compute
from reports.models import Flag, SummaryDelivery
from reports.verdicts import budget_flags, evaluation
from reports.weekly_email import delivery
from tests import factories
from tests.reports import world
from timesheets import invitations, reminders
from timesheets.models import CostRate, PersonAlias, Reminder, TimeEntry, Timer, User

NOW = world.NOW
WEEK = Week.containing(NOW.date())
LAST = world.LAST
ROLES = ("nobody", "member", "manager", "director")
# Directors by role who are not, or no longer, or not yet let in; each has a session.
SHUT_OUT = ("closed account", "last day over", "second factor to come")

# What an hour costs, in cents: odd, of seven digits, and of no use for anything else.
RATES = {
    "Anna": 7_319_377,
    "Bob": 8_461_921,
    "Camille": 9_173_533,
    "Dora": 6_842_179,
    "Marc": 7_953_161,
    "Helene": 9_687_247,
}
OLD_RATES = {name: cents - 1_234_568 for name, cents in RATES.items()}
# A note that each person left with their hours: nobody else but managers and directors reads it.
NOTES = {name: f"only{name}wrote{number}" for number, name in enumerate(RATES, start=4711)}

Places = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Estate:
    """Who is there, and what each address can name: `places` of one's own or anybody's, `others` of somebody else."""

    people: dict[str, User]
    sessions: dict[str, str]
    places: dict[str, Places]
    others: dict[str, Places]

    def arguments(self, of: str, role: str, *, whose: str = "own") -> dict[str, Any]:
        if not of:
            return {}
        if whose == "theirs":
            return self.others[role][of]
        return self.places.get(role, {}).get(of) or self.places["nobody"][of]

    def address(self, name: str, of: str, role: str, *, whose: str = "own") -> str:
        return reverse(name, kwargs=self.arguments(of, role, whose=whose))

    def client(self, role: str, *, checks_csrf: bool = False) -> Client:
        """A browser of somebody with this role; a view that fails answers 500, as in production."""
        client = Client(enforce_csrf_checks=checks_csrf, raise_request_exception=False)
        if role != "nobody":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client


def signed_in(user: User) -> str:
    """The session of somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def undone() -> Iterator[None]:
    """What is written within this block is taken back at its end, and how often something was tried is forgotten."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def _webhook(name: str, kinds: list[str]) -> Webhook:
    """A receiver that nothing is sent to: it lies inside the own machine."""
    webhook = Webhook(name=name, events=kinds)
    webhook.url = "https://127.0.0.1/estate"
    webhook.rotate_secret(at=None)
    webhook.save()
    return webhook


def build() -> Estate:
    """Rows of each kind, brought into the rollups, judged, and told of in an e-mail. The clock stands at NOW."""
    _webhook("Of directors", [str(kind) for kind in EventKind])
    places = world.rows()
    people = _people(places)
    _hours(people, places)
    _rates(people, places)
    _compared(places)
    _budgets(places)
    lead = factories.LeadFactory(name="Lead of the estate", email="lead@client.example")
    sale = factories.SaleFactory(lead=lead, amount_cents=12_300, description="A small site")
    rate = ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9215"))
    outcome = factories.OutcomeFactory(platform=places.facebook, campaign=places.shop)
    value = factories.OutcomeValueFactory()
    unrecorded = factories.UnrecordedPeriodFactory()
    touch = factories.TouchFactory(lead=lead, platform=places.facebook, campaign=places.shop)
    lead.move_to("qualified", at=NOW)
    spend = factories.SpendFactory(platform=places.facebook, amount_cents=4_500)
    link = factories.TrackingLinkFactory(platform=places.facebook, campaign=places.shop)
    trial = factories.LimitTrialFactory(
        platform=places.facebook, first_week=LAST.plus(-1).monday, started_by=people["director"]
    )
    form = factories.CaptureKeyFactory()
    spam = factories.CapturedContactFactory(key=form, values={"name": "Buy this", "email": "buy@spam.example"})
    decision = factories.DecisionFactory(
        platform=places.facebook, heading="Facebook", facts="At most 10 h a week.", published_by=people["director"]
    )
    webhook = _webhook("Of managers", ["sale.created"])
    factories.SaleFactory(lead=lead, amount_cents=900)
    settle()
    factories.SubscriberFactory(email=people["director"].email, name="Helene")
    delivery.decide(LAST, at=NOW)
    flag = Flag.objects.open().first() or Flag.objects.create(
        platform=places.facebook, kind="losing", raised_on=LAST.monday
    )
    letter = SummaryDelivery.objects.get()
    reminder = reminders.ask(people["Anna"], LAST.previous, by=people["Marc"], at=NOW)
    Reminder.objects.update(state=Reminder.State.FAILED)
    PersonAlias.objects.create(person=people["Anna"], text="anna elsewhere")
    RememberedMapping.objects.create(kind="hours", header="a" * 64, mapping={})
    webhooks.hand_out(at=NOW)
    hold = Hold.objects.create(kind="clock", since=NOW, last_sweep_at=NOW - timedelta(days=9))
    anna = people["Anna"]
    absences = {name: factories.AbsenceFactory(member=people[name]) for name in (*ROLES[1:], "Anna", "Dora")}
    agency_day = AgencyDay.objects.create(day=date(2026, 12, 24), name="Christmas Eve")
    shared: Places = {
        "week": {"week": WEEK},
        "platform": {"pk": places.facebook.pk},
        "campaign": {"pk": places.shop.pk},
        "trial": {"pk": trial.pk},
        "decision": {"pk": decision.pk},
        "client": {"pk": places.acme.pk},
        "tracking link": {"slug": link.slug},
        "link": {"pk": link.pk},
        "form": {"key": form.key},
        "form key": {"pk": form.pk},
        "spam": {"pk": spam.pk},
        "lead": {"pk": lead.pk},
        "touch": {"pk": touch.pk},
        "sale": {"pk": sale.pk},
        "exchange rate": {"pk": rate.pk},
        "webhook": {"pk": webhook.pk},
        "webhook message": {"pk": webhook.deliveries.latest("pk").pk},
        "spend": {"pk": spend.pk},
        "outcome": {"pk": outcome.pk},
        "outcome value": {"pk": value.pk},
        "list": {"list_name": "leads"},
        "unrecorded period": {"pk": unrecorded.pk},
        "flag": {"pk": flag.pk},
        "letter": {"pk": letter.pk},
        "reminder": {"pk": reminder.pk},
        "subscriber": {"pk": letter.subscriber_id},
        "person": {"pk": anna.pk},
        "absence": {"pk": absences["Anna"].pk},
        "absence of a person": {"pk": anna.pk, "absence_pk": absences["Anna"].pk},
        "agency day": {"pk": agency_day.pk},
        "week of a person": {"pk": anna.pk, "week": LAST},
        "rate": {"pk": anna.pk, "rate_pk": anna.rates.latest("starts_on").pk},
        "summary": {"week": str(LAST)},
        "job": {"name": "evaluate"},
        "hold": {"pk": hold.pk},
        "table beyond sales": {"name": "quality"},
        "figure beyond sales": {"what": "own_brand"},
        "unsubscribe link": {"token": delivery.unsubscribe_url(letter.subscriber).split("/")[-2]},
        "reminder link": {"token": reminders.off_url(anna).split("/")[-2]},
        "reset link": {
            "uidb36": user_pk_to_url_str(anna),
            "key": default_token_generator.make_token(anna),
        },
        "e-mail key": {"key": "no-such-key"},
        "invitation link": {"token": invitations.token_of(anna)},
        "passkey": {"pk": _passkey_of(people["Dora"]).pk},
        "single sign-on": {"provider_id": "sso"},
    }
    runs = {role: _import_of(people[role]) for role in ROLES[1:]}
    views = {role: SavedView.objects.create(member=people[role], list_name="leads", name=role) for role in ROLES[1:]}
    acts = {role: BulkChange.objects.create(kind="status", at=NOW, by=people[role]) for role in ROLES[1:]}
    tokens = {role: _token_of(people[role]).pk for role in ROLES[1:]}
    of_somebody_else = {
        "token": {"pk": _token_of(people["Dora"]).pk},
        "saved view": {"pk": views["member"].pk},
        "bulk change": {"pk": acts["member"].pk},
    }
    own = {
        role: {
            "token": {"pk": tokens[role]},
            "import": {"pk": run.pk},
            "saved view": {"pk": views[role].pk},
            "bulk change": {"pk": acts[role].pk},
            "absence": {"pk": absences[role].pk},
        }
        for role, run in runs.items()
    }
    team_run = _import_of(people["manager"], is_own=False)
    of_director, of_dora = file_with_rates(people["director"], people), _import_of(people["Dora"])
    for name in ("Anna", "Bob"):  # what a manager and another member may meet, but not read
        file_with_rates(people[name], people, is_own=True)
    file_with_rates(factories.ManagerFactory(name="Mona"), people)
    others = {"nobody": of_dora, "member": of_dora, "manager": of_director, "director": team_run}
    return Estate(
        people=people,
        sessions={role: signed_in(people[role]) for role in ROLES[1:]} | _shut_out(),
        places={
            "nobody": {
                **shared,
                **of_somebody_else,
                "import": {"pk": team_run.pk},
            },
            **own,
        },
        others={
            role: {
                **of_somebody_else,
                "import": {"pk": run.pk},
                "absence": {"pk": absences["Dora"].pk},
            }
            for role, run in others.items()
        },
    )


def settle(*, at: datetime = NOW) -> None:
    """Let the jobs do their work."""
    rollups.drain()
    evaluation.evaluate(LAST, at=at)
    compute.evaluate_all(LAST, at=at)
    budget_flags.update(at=at)


def _people(places: world.World) -> dict[str, User]:
    people = {
        "Anna": places.anna,
        "Bob": User.objects.get(name="Bob"),
        "Camille": factories.MemberFactory(name="Camille"),
        "Dora": factories.MemberFactory(name="Dora"),
        "Marc": factories.ManagerFactory(name="Marc"),
        "Helene": factories.DirectorFactory(name="Helene"),
    }
    return people | {"member": people["Camille"], "manager": people["Marc"], "director": people["Helene"]}


def _hours(people: dict[str, User], places: world.World) -> None:
    for number, (name, note) in enumerate(NOTES.items()):
        for week in (LAST, WEEK):
            factories.EntryFactory(
                member=people[name],
                platform=places.linkedin,
                campaign=places.shop,
                day=week.days[1],
                minutes=61 + 7 * number,
                note=note,
            )
        factories.TimesheetFactory(member=people[name], week=LAST.monday, submitted_at=NOW)
    factories.EntryFactory(member=people["Dora"], day=WEEK.days[0], minutes=37, note="nowhere else")
    Timer.objects.create(
        member=people["Dora"], platform=places.linkedin, campaign=places.shop, started_at=NOW.replace(hour=8)
    )


def _rates(people: dict[str, User], places: world.World) -> None:
    CostRate.objects.all().delete()
    for name, cents in RATES.items():
        CostRate(member=people[name], starts_on=date(2026, 10, 1), hourly_cents=cents).save()
        CostRate(member=people[name], starts_on=date(2020, 1, 1), hourly_cents=OLD_RATES[name]).save()


def _compared(places: world.World) -> None:
    """A campaign whose run is held against its baseline: two leads a week before it, three since."""
    campaign = factories.CampaignFactory(
        client=places.acme,
        name="Autumn",
        baseline_starts_on=date(2026, 7, 6),
        baseline_ends_on=date(2026, 9, 27),
        starts_on=date(2026, 9, 28),
    )
    for week in Week.range(Week(date(2026, 7, 6)), LAST):
        at = datetime.combine(week.days[1], datetime.min.time(), UTC) + timedelta(hours=9)
        for number in range(3 if week.monday >= campaign.starts_on else 2):
            lead = factories.LeadFactory(received_at=at, name=f"Autumn {week} {number}")
            factories.TouchFactory(lead=lead, platform=places.linkedin, campaign=campaign, at=at)
    anna = places.anna
    factories.EntryFactory(member=anna, platform=places.linkedin, campaign=campaign, day=LAST.days[3], minutes=83)


def _budgets(places: world.World) -> None:
    """Budgets that are used up, and one of all costs that is used up at these rates and not at others."""
    cent_minutes = sum(
        entry.minutes * (entry.hourly_cents or 0) for entry in TimeEntry.objects.filter(campaign=places.hiring)
    )
    Campaign.objects.filter(pk=places.shop.pk).update(
        budget_minutes=6_000, budget_spend_cents=99_999, budget_cost_cents=1_000, target_lead_cents=1
    )
    Campaign.objects.filter(pk=places.hiring.pk).update(budget_minutes=100_000, budget_cost_cents=cent_minutes // 57)


def _passkey_of(person: User) -> Authenticator:
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Key of another"})


def _shut_out() -> dict[str, str]:
    """Sessions of directors whose account is closed, whose last day is over, who have given their password alone."""
    closed, left, half = (factories.DirectorFactory(name=name) for name in SHUT_OUT)
    sessions = {"closed account": signed_in(closed), "last day over": signed_in(left)}
    # Past the models' own ways, which end the sessions too.
    User.objects.filter(pk=closed.pk).update(is_active=False)
    User.objects.filter(pk=left.pk).update(left_on=NOW.date() - timedelta(days=1))
    TOTP.activate(half, generate_totp_secret())
    client = Client()
    answer = client.post(reverse("account_login"), {"login": half.email, "password": factories.PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    return sessions | {"second factor to come": client.cookies[settings.SESSION_COOKIE_NAME].value}


def change_rates(*, at: datetime) -> None:
    """Whose hour cost most costs least, from one moment to the next; and of one person no rate is known any more."""
    for rate in CostRate.objects.filter(member__name="Dora"):
        rate.delete()
    rates = list(CostRate.objects.order_by("hourly_cents"))
    ends = rates[0].hourly_cents + rates[-1].hourly_cents
    for rate in rates:
        rate.hourly_cents = (ends - rate.hourly_cents) // 3
        rate.save()
    settle(at=at)


def _token_of(person: User) -> ApiToken:
    return ApiToken.make(name=f"Token of {person.name}", role=person.role, person=person, made_at=NOW)[0]


def _import_of(person: User, *, is_own: bool = True) -> ImportRun:
    run = ImportRun.objects.create(
        kind="hours" if is_own else "leads",
        file_name=f"{person.name}.csv",
        status=ImportRun.Status.NEEDS_ANSWERS,
        counts={"header": ["date", "platform", "hours"], "errors": 1},
        errors=[],
        requested_by=person,
        for_directors=person.is_director,
        only_for=person if is_own else None,
    )
    run.file.save(f"{person.name}.csv", ContentFile(b"date,platform,hours\n2026-11-16,fb,1\n"))
    return run


def file_with_rates(by: User, people: dict[str, User], *, is_own: bool = False) -> ImportRun:
    """Hours as a tracker gives them out, with what each costs; whoever brings them is asked what FB is.

    In the own file of a member one row is another's, so that there is an error beside the question.
    """
    rates = "".join(
        f"2026-11-1{number},{people[name].email},FB,1,seen,{cents / 100:.2f}\n"
        for number, (name, cents) in enumerate(RATES.items())
    )
    run = ImportRun.objects.create(
        kind="hours",
        file_name=f"tracker of {by.name}.csv",
        requested_by=by,
        for_directors=by.is_director,
        only_for=by if is_own else None,
        status=ImportRun.Status.CHECKING,
    )
    run.file.save(f"{by.name}-tracker.csv", ContentFile(f"date,email,platform,hours,note,Cost rate\n{rates}".encode()))
    runner.check(run, now=lambda: NOW)
    assert run.counts["header"][-1] == "Cost rate"
    return run


def costs_of_single_people() -> set[int]:
    """Cents that somebody's hours cost: of each entry, and of a person in a week, on a platform, in all."""
    sums: dict[tuple[Any, ...], int] = {}
    for entry in TimeEntry.objects.exclude(hourly_cents=None):
        cost = entry.minutes * (entry.hourly_cents or 0)
        who, platform, campaign = entry.member_id, entry.platform_id, entry.campaign_id
        for key in (
            (entry.pk,),
            (who, "day", entry.day),
            (who, "week", entry.week),
            (who, "platform", platform),
            (who, "campaign", campaign),
            (who, "platform and week", platform, entry.week),
            (who, "all"),
            ("platform", platform),
            ("campaign", campaign),
            ("week", entry.week),
            ("platform and week", platform, entry.week),
        ):
            sums[key] = sums.get(key, 0) + cost
    return {round(cent_minutes / 60) for cent_minutes in sums.values()}
