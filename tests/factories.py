"""Objects for tests: the least that is valid, everything else by name."""

from datetime import UTC, date, datetime, timedelta

import factory

from campaigns.models import (
    Campaign,
    CapturedContact,
    CaptureKey,
    Client,
    Decision,
    Lead,
    LimitTrial,
    Outcome,
    OutcomeValue,
    Platform,
    Sale,
    Spend,
    Touch,
    TrackingLink,
    UnrecordedPeriod,
)
from core.access import Role
from reports.models import Subscriber
from timesheets.models import Absence, CostRate, TimeEntry, Timesheet, User

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    role = Role.MEMBER
    joined_on = date(2020, 1, 1)
    password = factory.django.Password(PASSWORD)


class MemberFactory(UserFactory):
    pass


class ManagerFactory(UserFactory):
    role = Role.MANAGER


class DirectorFactory(UserFactory):
    role = Role.DIRECTOR


class RateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CostRate

    member = factory.SubFactory(MemberFactory)
    starts_on = date(2020, 1, 1)
    hourly_cents = 4000


class PlatformFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Platform

    name = factory.Sequence(lambda n: f"Platform {n}")


class LimitTrialFactory(factory.django.DjangoModelFactory):
    """Eight weeks from the Monday after 2026-W47."""

    class Meta:
        model = LimitTrial

    platform = factory.SubFactory(PlatformFactory)
    limit_minutes = 600
    first_week = date(2026, 11, 23)
    last_week = factory.LazyAttribute(lambda trial: trial.first_week + timedelta(weeks=7))
    started_at = datetime(2026, 11, 18, 9, tzinfo=UTC)


class DecisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Decision

    sentence = "From next week on, fewer posts."
    published_at = datetime(2026, 11, 18, 9, tzinfo=UTC)


class ClientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Client

    name = factory.Sequence(lambda n: f"Client {n}")


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    client = factory.SubFactory(ClientFactory)
    name = factory.Sequence(lambda n: f"Campaign {n}")


class EntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TimeEntry

    member = factory.SubFactory(MemberFactory)
    day = date(2026, 11, 16)
    platform = factory.SubFactory(PlatformFactory)
    campaign = factory.SubFactory(CampaignFactory)
    minutes = 90


class TimesheetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Timesheet

    member = factory.SubFactory(MemberFactory)
    week = date(2026, 11, 16)


class SpendFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Spend

    platform = factory.SubFactory(PlatformFactory)
    starts_on = date(2026, 11, 16)
    ends_on = date(2026, 11, 22)
    amount_cents = 70_000


class LeadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Lead

    name = factory.Sequence(lambda n: f"Lead {n}")
    received_at = datetime(2026, 11, 17, 9, tzinfo=UTC)


class TouchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Touch

    lead = factory.SubFactory(LeadFactory)
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    platform = factory.SubFactory(PlatformFactory)


class CaptureKeyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CaptureKey

    name = factory.Sequence(lambda n: f"Form {n}")
    origins = "https://www.example.com"


class CapturedContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CapturedContact

    key = factory.SubFactory(CaptureKeyFactory)
    kind = "spam"
    at = datetime(2026, 11, 17, 9, tzinfo=UTC)


class TrackingLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TrackingLink

    platform = factory.SubFactory(PlatformFactory)
    campaign = factory.SubFactory(CampaignFactory)
    slug = factory.Sequence(lambda n: f"link-{n}")
    target = "https://www.example.com/offer"
    utm_source = "linkedin"
    utm_medium = "social"
    utm_campaign = "spring"


class SaleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Sale

    sold_on = date(2026, 11, 18)
    amount_cents = 100_000


class OutcomeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Outcome

    platform = factory.SubFactory(PlatformFactory)
    campaign = factory.SubFactory(CampaignFactory)
    week = date(2026, 11, 16)
    measure = "Followers gained"
    count = 12


class OutcomeValueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutcomeValue

    measure = "Followers gained"
    week = date(2026, 9, 28)
    value_cents = 250
    reason = "What a visit by an advertisement costs"


class UnrecordedPeriodFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UnrecordedPeriod

    first_day = date(2025, 8, 1)
    last_day = date(2025, 8, 16)


class SubscriberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subscriber

    email = factory.Sequence(lambda n: f"reader{n}@example.com")


class AbsenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Absence

    member = factory.SubFactory(MemberFactory)
    first_day = date(2026, 11, 16)
    last_day = factory.SelfAttribute("first_day")
