"""What was found at the end of a week: verdicts, evaluations, comparisons."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, LimitTrial, Platform
from core.weeks import Week


class Verdict(models.Model):
    """What the rule said of a platform at the end of one week, with the figures it was said on."""

    # No index of its own: verdict_once_a_week begins with it.
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    week = models.DateField(help_text=_("Monday of the last complete week it looks at."))
    state = models.CharField(max_length=12)
    plain_state = models.CharField(max_length=10, default="", help_text=_("What the plain rule alone would say."))
    figures = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["-week", "platform"]
        constraints = [models.UniqueConstraint(fields=["platform", "week"], name="verdict_once_a_week")]

    def __str__(self) -> str:
        return f"{self.platform} {Week(self.week)}: {self.state}"


class Evaluation(models.Model):
    """All that the method found at the end of one week, for one platform: `reports.statistics.results.Assessment`.

    Beside the verdict, because it is long: pages that list platforms read the verdict, a platform's own page this.
    """

    # No index of its own: evaluation_once_a_week begins with it.
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="evaluations", db_index=False)
    week = models.DateField(help_text=_("Monday of the last complete week it looks at."))
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["-week", "platform"]
        constraints = [models.UniqueConstraint(fields=["platform", "week"], name="evaluation_once_a_week")]

    def __str__(self) -> str:
        return f"{self.platform} {Week(self.week)}"


class Comparison(models.Model):
    """A campaign's baseline against its run, as last computed: `reports.comparisons.records.ComparisonRecord`.

    One for each campaign that says both periods. `until` is the last week of the run that was looked at.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="comparison")
    until = models.DateField(help_text=_("Monday of the last week of the run that it looks at."))
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["campaign"]

    def __str__(self) -> str:
        return f"{self.campaign} {Week(self.until)}"


class TrialComparison(models.Model):
    """The weeks of a trial against those before it, as last computed: a `ComparisonRecord` for leads, one for sales."""

    trial = models.OneToOneField(LimitTrial, on_delete=models.CASCADE, related_name="comparison")
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["trial"]

    def __str__(self) -> str:
        return str(self.trial)
