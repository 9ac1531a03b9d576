"""The rows of a size, always the same ones: people, platforms and campaigns by number from 0, days as dates.

Each week has a random generator of its own, so that any week can be made alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tests.bench.proportions import Calendar, Proportions

SEED = 20_260_101
ROWS_A_WEEK, WORKDAYS = 4, 5
PAGE_ROWS = 14  # what the first person's last week holds: the page that is measured
AWAY = 200  # one week in so many nobody logs anything in
RATELESS = 20  # one person in so many has a rate only from this week on:
FIRST_RATED_WEEK = 26
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "so", "ti", "vu", "za")
STATUSES = ("new", "qualified", "lost", "disqualified")


class Hours(NamedTuple):
    """One entry; `cents` is what an hour costs, None without a rate."""

    person: int
    day: date
    monday: date
    platform: int
    campaign: int
    minutes: int
    cents: int | None


@dataclass(frozen=True)
class WeekArrays:
    """The hours of one week as arrays of one length."""

    person: np.ndarray
    weekday: np.ndarray
    place: np.ndarray
    minutes: np.ndarray


class LeadRow(NamedTuple):
    number: int
    received_at: datetime
    status: str
    name: str


class TouchRow(NamedTuple):
    lead: int
    at: datetime
    platform: int | None
    campaign: int | None


class SaleRow(NamedTuple):
    """`refund_of` and `lead` are numbers from 1, as the rows are; a sale without a lead names its platform."""

    number: int
    lead: int | None
    platform: int | None
    campaign: int | None
    sold_on: date
    cents: int
    refund_of: int | None


class SpendRow(NamedTuple):
    platform: int
    campaign: int | None
    starts_on: date
    ends_on: date
    cents: int


def hourly_cents(person: int) -> int:
    return 3_000 + 250 * (person % 17)


def rate_begins(person: int) -> int:
    """The number of the first week in which an hour of this person has a cost."""
    return FIRST_RATED_WEEK if person % RATELESS == 1 else -10_000


def name_of(number: int) -> str:
    """An invented name, another for each number."""
    digits = f"{number * 7 % 1_000_003:06}"
    first, last = ("".join(SYLLABLES[int(digit)] for digit in part) for part in (digits[:3], digits[3:]))
    return f"{first.title()} {last.title()}"


@dataclass(frozen=True)
class Generator:
    size: Proportions
    calendar: Calendar

    # -- hours --------------------------------------------------------------------------------------------------------

    @property
    def places(self) -> int:
        return self.size.platforms * self.size.campaigns

    def campaign(self, place: np.ndarray) -> np.ndarray:
        return (place + 41 * (place // self.size.campaigns)) % self.size.campaigns

    def platform(self, place: np.ndarray) -> np.ndarray:
        return place // self.size.campaigns

    def week(self, number: int) -> WeekArrays:
        """Four places a person on five days, each place once; the first person has fourteen in the last week."""
        random = np.random.default_rng([SEED, number + 1_000])
        people = np.arange(self.size.people)
        first = random.integers(0, self.places // ROWS_A_WEEK, size=len(people))
        place = first[:, None] + np.arange(ROWS_A_WEEK) * (self.places // ROWS_A_WEEK)
        minutes = random.integers(15, 106, size=(len(people), ROWS_A_WEEK, WORKDAYS))
        there = (people * 7 + number * 3) % AWAY != 1
        if number == self.size.weeks - 1:
            there[0] = False
        shape = minutes[there].shape
        arrays = WeekArrays(
            person=np.broadcast_to(people[there][:, None, None], shape).ravel(),
            weekday=np.broadcast_to(np.arange(WORKDAYS), shape).ravel(),
            place=np.broadcast_to(place[there][:, :, None], shape).ravel(),
            minutes=minutes[there].ravel(),
        )
        return self._with_the_page(arrays) if number == self.size.weeks - 1 else arrays

    def _with_the_page(self, others: WeekArrays) -> WeekArrays:
        count = PAGE_ROWS * WORKDAYS
        places = np.arange(PAGE_ROWS) * (self.places // PAGE_ROWS)
        return WeekArrays(
            person=np.concatenate([np.zeros(count, dtype=int), others.person]),
            weekday=np.concatenate([np.tile(np.arange(WORKDAYS), PAGE_ROWS), others.weekday]),
            place=np.concatenate([np.repeat(places, WORKDAYS), others.place]),
            minutes=np.concatenate([np.full(count, 30), others.minutes]),
        )

    def hours(self, first: int, last: int) -> Iterator[Hours]:
        """Those of the weeks with these numbers, both included."""
        for number in range(first, last + 1):
            monday, arrays = self.calendar.monday(number), self.week(number)
            days = [monday + timedelta(days=day) for day in range(WORKDAYS)]
            columns = (arrays.person, arrays.weekday, self.platform(arrays.place), self.campaign(arrays.place))
            for person, weekday, platform, campaign, minutes in zip(
                *(column.tolist() for column in columns), arrays.minutes.tolist(), strict=True
            ):
                cents = hourly_cents(person) if number >= rate_begins(person) else None
                yield Hours(person, days[weekday], monday, platform, campaign, minutes, cents)

    # -- leads and money ----------------------------------------------------------------------------------------------

    @cached_property
    def _received(self) -> list[datetime]:
        """When each lead asked: any second from the ninth week to the end of the last."""
        random = np.random.default_rng([SEED, 1])
        begins = datetime.combine(self.calendar.monday(min(8, self.size.weeks - 1)), time(), tzinfo=UTC)
        ends = datetime.combine(self.calendar.last + timedelta(days=6), time(), tzinfo=UTC)
        seconds = random.integers(0, int((ends - begins).total_seconds()), size=self.size.leads)
        return [begins + timedelta(seconds=int(second)) for second in seconds]

    @property
    def buyers(self) -> set[int]:
        return {sale.lead for sale in self.sales() if sale.lead}

    def leads(self) -> Iterator[LeadRow]:
        buyers = self.buyers
        for number, received_at in enumerate(self._received, start=1):
            status = "won" if number in buyers else STATUSES[number % len(STATUSES)]
            yield LeadRow(number, received_at, status, name_of(number))

    def touches(self) -> Iterator[TouchRow]:
        """Three for each lead in the 50 days before it asked; some were direct, some named no campaign."""
        random = np.random.default_rng([SEED, 2])
        for number, received_at in enumerate(self._received, start=1):
            for seconds, place in random.integers(0, [50 * 86_400, self.places], size=(3, 2)).tolist():
                platform, campaign = divmod(place, self.size.campaigns)
                is_direct, is_general = place % 20 == 0, place % 10 == 3
                yield TouchRow(
                    number,
                    received_at - timedelta(seconds=seconds),
                    None if is_direct else platform,
                    None if is_direct or is_general else campaign,
                )

    def sales(self) -> Iterator[SaleRow]:
        """To every fifth lead; one in forty has no lead, one in fifty takes a quarter of the one before back."""
        random = np.random.default_rng([SEED, 3])
        days, amounts = random.integers(0, [31, 3_000_000], size=(self.size.sales, 2)).T.tolist()
        before: SaleRow | None = None
        for number, (wait, amount) in enumerate(zip(days, amounts, strict=True), start=1):
            if before and number % 50 == 0:
                yield before._replace(number=number, cents=-(before.cents // 4) - 1, refund_of=before.number)
                before = None
                continue
            lead = None if number % 40 == 0 else number * 5
            received = self._received[(number * 5 - 1) % self.size.leads].date()
            place = number % self.places if lead is None else None
            platform, campaign = divmod(place, self.size.campaigns) if place is not None else (None, None)
            sold_on = min(received + timedelta(days=wait), self.calendar.last + timedelta(days=6))
            before = SaleRow(number, lead, platform, campaign, sold_on, 10_000 + amount, None)
            yield before

    def spends(self) -> Iterator[SpendRow]:
        """A month's on each platform, one after another; every third names no campaign."""
        random = np.random.default_rng([SEED, 4])
        for number, cents in enumerate(random.integers(1_000, 500_000, size=self.size.spends).tolist()):
            starts_on = self.calendar.first + timedelta(weeks=5 * (number // self.size.platforms))
            campaign = None if number % 3 == 0 else number % self.size.campaigns
            ends_on = starts_on + timedelta(days=29)
            yield SpendRow(number % self.size.platforms, campaign, starts_on, ends_on, cents)
