"""What is computed from the rows: credits, rollups, verdicts and flags, and the weekly summary's deliveries."""

from reports.models.figures import CampaignWeek, Credit, PlatformWeek, WeekFigures
from reports.models.flags import BUDGETS, BUDGETS_OF_MANAGERS, Flag, FlagCleared, FlagKind, FlagQuerySet
from reports.models.summaries import Subscriber, SummaryDelivery
from reports.models.verdicts import Comparison, Evaluation, TrialComparison, Verdict

__all__ = [
    "BUDGETS",
    "BUDGETS_OF_MANAGERS",
    "CampaignWeek",
    "Comparison",
    "Credit",
    "Evaluation",
    "Flag",
    "FlagCleared",
    "FlagKind",
    "FlagQuerySet",
    "PlatformWeek",
    "Subscriber",
    "SummaryDelivery",
    "TrialComparison",
    "Verdict",
    "WeekFigures",
]
