"""What the demo's director tries and tells: a trial of fewer hours that runs, and the decision that was published."""

import math

from campaigns.models import Decision, LimitTrial
from campaigns.models.agency import Basis
from campaigns.models.trials import TRIAL_WEEKS
from campaigns.weekly_limits import trial_words
from core.money import localised
from operations.demo.catalogue import Catalogue
from operations.demo.plan import TRIAL_WEEKS as WEEKS_OF_FEWER_HOURS
from operations.demo.plan import TRIED_OUT, Plan, at
from reports.models import PlatformWeek
from timesheets.models import User

FACTS = "A trial: %s."
SENTENCE = (
    "Until the trial is over: no contests, one post a day, and every question answered within the day. Then we look at"
    " what came and decide together."
)


def decide(plan: Plan, catalogue: Catalogue, director: User) -> None:
    """Begin a trial with the weeks of fewer hours that run now, at the most that one of them took, and publish it."""
    platform = catalogue.platforms[TRIED_OUT]
    first = plan.ago(WEEKS_OF_FEWER_HOURS - 1)
    started = at(first.previous.days[3], 11)
    weeks = PlatformWeek.objects.filter(platform=platform, basis=Basis.CASH, week__gte=first.monday)
    hours = math.ceil(max(weeks.values_list("minutes", flat=True)) / 60)
    trial = LimitTrial.objects.create(
        platform=platform,
        limit_minutes=hours * 60,
        first_week=first.monday,
        last_week=first.plus(TRIAL_WEEKS - 1).monday,
        started_at=started,
        started_by=director,
    )
    with localised(language=plan.language, country="FR", currency="EUR"):
        words = trial_words(trial)
    Decision.objects.create(
        platform=platform,
        heading=platform.name,
        facts=plan.text(FACTS) % words,
        sentence=plan.text(SENTENCE),
        published_at=started,
        published_by=director,
    )
