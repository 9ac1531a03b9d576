"""Who works at the demo agency, since when, on which platforms and at what cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from core.access import Role
from core.weeks import Week
from operations.demo import names, past
from operations.demo.plan import FULL_STAFF, Plan, at
from timesheets.models import CostRate, User

PASSWORD = "retour-demo"  # noqa: S105 (printed for everybody to see)
DOMAIN = "demo"
LOGINS = {role: f"{role.value}@{DOMAIN}.example" for role in (Role.MEMBER, Role.MANAGER, Role.DIRECTOR)}

PLATFORMS = ("Facebook", "X / Twitter", "LinkedIn", "Pinterest", "Newsletter", "Search", "Events")

# Name, contract in hours a week, cost of an hour in EUR, then the part taken of the work on each platform above. The
# first three sign in. Expensive people sit on Facebook: one of the questions that the figures raise.
DIRECTOR, MANAGER, MEMBER, NEWCOMER, LATE, LEAVER, UNSUBMITTED, JOINED_MIDWAY = 0, 1, 2, 3, 4, 5, 11, 23
STAFF: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("Hélène Moreau", 35, 75, (1, 0, 4, 0, 0, 0, 1)),
    ("Marc-André Tremblay", 35, 58, (3, 2, 3, 0, 1, 0, 1)),
    ("Camille Lefèvre", 35, 34, (9, 5, 1, 3, 0, 0, 0)),
    ("Inès Haddad", 35, 32, (6, 3, 0, 3, 0, 0, 0)),
    ("Thomas Girard", 35, 42, (5, 5, 2, 0, 1, 2, 0)),
    ("Julien Petit", 35, 38, (6, 4, 0, 0, 0, 0, 0)),
    ("Océane Roy", 28, 31, (10, 3, 0, 3, 0, 0, 0)),
    ("Sophie Nguyen", 35, 46, (1, 0, 6, 0, 2, 0, 1)),
    ("Étienne Gagnon", 35, 36, (2, 10, 0, 0, 0, 0, 0)),
    ("Léa Fontaine", 35, 33, (8, 2, 0, 4, 0, 0, 0)),
    ("Nicolas Bouchard", 35, 52, (2, 0, 5, 0, 0, 3, 0)),
    ("Manon Caron", 35, 29, (9, 5, 0, 0, 0, 0, 0)),
    ("Karim Benali", 35, 40, (3, 6, 3, 0, 0, 0, 0)),
    ("Élodie Simard", 28, 44, (2, 0, 3, 0, 3, 0, 0)),
    ("Pierre Marchand", 35, 61, (5, 2, 2, 0, 0, 0, 0)),
    ("Chloé Dubois", 35, 30, (6, 4, 0, 2, 0, 0, 0)),
    ("Antoine Rousseau", 35, 48, (0, 1, 3, 0, 0, 4, 0)),
    ("Maude Bélanger", 35, 35, (5, 5, 0, 0, 0, 0, 0)),
    ("Hugo Leroy", 35, 28, (6, 5, 0, 1, 0, 0, 0)),
    ("Isabelle Côté", 32, 55, (2, 0, 5, 0, 0, 0, 2)),
    ("Mathieu Lambert", 35, 39, (3, 4, 2, 0, 0, 0, 0)),
    ("Jade Martel", 35, 32, (4, 2, 0, 2, 1, 0, 0)),
    ("Vincent Perrin", 35, 64, (2, 1, 3, 0, 0, 1, 0)),
    ("Aurélie Gauthier", 35, 37, (3, 0, 2, 0, 0, 0, 1)),
    ("Samuel Ortiz", 35, 50, (2, 2, 3, 0, 0, 0, 0)),
)
NEWCOMER_WEEKS = 3
LEFT_WEEKS_AGO = 20
RAISE, SECOND_RAISE = 104, 106  # percent of the rate before
SECOND_RAISE_EVERY = 3


@dataclass(frozen=True)
class DemoPerson:
    """A user with the place in the story that the row in the table gives."""

    row: int
    user: User
    hourly_cents: int
    parts: dict[str, int]

    def is_at_work(self, week: Week) -> bool:
        """Whether the person is there for the whole of the week."""
        return self.user.joined_on <= week.monday and (self.user.left_on is None or self.user.left_on >= week.sunday)


def hire(plan: Plan) -> list[DemoPerson]:
    """Write the people and what their hours cost."""
    staff = [_person(plan, row) for row in range(plan.staff)]
    User.objects.bulk_create([person.user for person in staff])
    director = staff[DIRECTOR].user
    past.write(CostRate, [rate for person in staff for rate in _rates(plan, person, director)])
    return staff


def _person(plan: Plan, row: int) -> DemoPerson:
    name, contract_hours, hourly, parts = STAFF[row % FULL_STAFF]
    if row >= FULL_STAFF:
        name = names.person(plan.dice(f"name of {row}"))
    role = {DIRECTOR: Role.DIRECTOR, MANAGER: Role.MANAGER}.get(row, Role.MEMBER)
    signs_in = row in (DIRECTOR, MANAGER, MEMBER)
    user = User(
        email=LOGINS[role] if signs_in else _address(name, row),
        name=name,
        role=role,
        weekly_minutes=contract_hours * 60,
        joined_on=_joined_on(plan, row),
        left_on=plan.ago(_left_weeks_ago(plan)).sunday if row == LEAVER else None,
        is_active=row != LEAVER,
        password=make_password(PASSWORD if signs_in else None),
    )
    return DemoPerson(row, user, hourly * 100, dict(zip(PLATFORMS, parts, strict=True)))


def _address(name: str, row: int) -> str:
    """Beyond the table, names may repeat; addresses may not."""
    return names.address(name if row < FULL_STAFF else f"{name} {row}", DOMAIN)


def _joined_on(plan: Plan, row: int) -> date:
    if row == NEWCOMER:
        return plan.ago(NEWCOMER_WEEKS - 1).monday
    if row == JOINED_MIDWAY:
        return plan.along(0.5).monday
    return plan.first.monday - timedelta(days=plan.dice(f"joined {row}").randrange(30, 2200))


def _left_weeks_ago(plan: Plan) -> int:
    return min(LEFT_WEEKS_AGO, plan.weeks // 2)


def _rates(plan: Plan, person: DemoPerson, director: User) -> list[CostRate]:
    """A rate from the first day, and raises. The newcomer has none yet: the hours wait for it, uncosted."""
    if person.row == NEWCOMER:
        return []
    cents = person.hourly_cents
    steps = [(person.user.joined_on, cents), (plan.along(0.35).monday.replace(day=1), cents * RAISE // 100)]
    if person.row % SECOND_RAISE_EVERY == 0:
        steps.append((plan.along(0.7).monday.replace(day=1), cents * SECOND_RAISE // 100))
    return [_rate(person, day, cents, director) for day, cents in _while_employed(person.user, steps)]


def _while_employed(user: User, steps: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    first, *raises = steps
    return [first] + [
        step for step in raises if step[0] > user.joined_on and (user.left_on is None or step[0] < user.left_on)
    ]


def _rate(person: DemoPerson, day: date, cents: int, director: User) -> CostRate:
    rate = CostRate(member=person.user, starts_on=day, hourly_cents=cents)
    past.date_back(rate, at=at(day, 9), by=director)
    return rate
