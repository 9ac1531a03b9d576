"""What leads answered when asked how they heard of the agency, held against where they were tracked.

An answer is compared where it is a name of a platform, as files are read by. Any other answer is left alone: nobody
knows which platform it means. It agrees where the lead has a touchpoint on that platform, wherever else it was met.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.name_resolution import Platforms
from campaigns.models import Lead, Platform, Touch

NOBODY = Q(pk__in=())


class Agreement(models.TextChoices):
    """How an answer stands to what was tracked."""

    AGREES = "agrees", _("As tracked")
    DIFFERS = "differs", _("Another platform than tracked")
    ALONE = "alone", _("Nothing was tracked")
    UNKNOWN = "unknown", _("No name of a platform")


@dataclass(frozen=True)
class AgreementCounts:
    """How many leads answered, how many of these can be compared, and of these how many named another platform."""

    answered: int
    compared: int
    differing: int


def conditions() -> Mapping[Agreement, Q]:
    """Which leads stand how, as conditions of a query."""
    return _conditions(_texts())


def _conditions(texts: Sequence[str]) -> Mapping[Agreement, Q]:
    answers = _by_platform(texts)
    known = Q(how_heard__in=[text for texts in answers.values() for text in texts])
    agrees = reduce(or_, (Q(how_heard__in=texts) & _met_on(pk) for pk, texts in answers.items()), NOBODY)
    tracked = Q(Exists(_touches().exclude(platform=None)))
    return {
        Agreement.AGREES: agrees,
        Agreement.DIFFERS: known & tracked & ~agrees,
        Agreement.ALONE: known & ~tracked,
        Agreement.UNKNOWN: ~Q(how_heard="") & ~known,
    }


def counts(rows: QuerySet[Lead]) -> AgreementCounts | None:
    """Of these leads; None while none of them was asked."""
    if not (texts := _texts()):
        return None
    found = _conditions(texts)
    sums = (
        rows.exclude(how_heard="")
        .order_by()
        .aggregate(
            answered=Count("pk"),
            agreeing=Count("pk", filter=found[Agreement.AGREES]),
            differing=Count("pk", filter=found[Agreement.DIFFERS]),
        )
    )
    if not sums["answered"]:
        return None
    return AgreementCounts(sums["answered"], sums["agreeing"] + sums["differing"], sums["differing"])


def agreement_of(lead: Lead) -> Agreement | None:
    """How one lead's answer stands to its touchpoints; None without an answer."""
    if not lead.how_heard:
        return None
    platform = Platform.objects.named(lead.how_heard)
    tracked = {touch.platform_id for touch in lead.touches.live() if touch.platform_id}
    if platform is None:
        return Agreement.UNKNOWN
    if not tracked:
        return Agreement.ALONE
    return Agreement.AGREES if platform.pk in tracked else Agreement.DIFFERS


def _texts() -> list[str]:
    """The answers that there are, each once."""
    return list(Lead.objects.exclude(how_heard="").order_by("how_heard").values_list("how_heard", flat=True).distinct())


def _by_platform(texts: Sequence[str]) -> Mapping[int, Sequence[str]]:
    """Those that are names of platforms."""
    platforms = Platforms.load(ColumnMapping(), creating=False)
    answers: dict[int, list[str]] = defaultdict(list)
    for text in texts:
        if platform := platforms.knows(text):
            answers[platform].append(text)
    return answers


def _touches() -> QuerySet[Touch]:
    return Touch.objects.live().filter(lead=OuterRef("pk"))


def _met_on(platform_id: int) -> Q:
    return Q(Exists(_touches().filter(platform=platform_id)))
