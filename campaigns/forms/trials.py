"""A trial of another weekly limit: its one number, and every reason why it cannot begin."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.models import LimitTrial, Platform
from campaigns.weekly_limits import trial_words, unfinished_trial
from core.form_fields import HoursField
from core.templatetags.retour import limit
from core.weeks import Week

WEEKS_LOOKED_BACK = 26


@dataclass(frozen=True)
class TrialSetting:
    """Where and when a trial would begin: the week of today, and the most minutes of any of the last 26 weeks."""

    platform: Platform
    week: Week
    most_minutes: int


class LimitTrialForm(forms.ModelForm):
    limit_minutes = HoursField(
        label=_("Weekly limit during the trial, in hours"),
        help_text=_("Of all work on the platform, whatever it is for. A flag is raised in a week with more hours."),
    )

    class Meta:
        model = LimitTrial
        fields = ["limit_minutes"]

    def __init__(self, *args: Any, setting: TrialSetting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting

    def clean_limit_minutes(self) -> int:
        minutes: int = self.cleaned_data["limit_minutes"]
        self._check_platform()
        self._check_is_another(minutes)
        self._check_changes_something(minutes)
        return minutes

    def _check_platform(self) -> None:
        platform = self.setting.platform
        if not platform.is_active:
            raise ValidationError(
                _("%(platform)s is inactive, so no hours are logged there. Make it active first."),
                params={"platform": platform},
            )
        if trial := unfinished_trial(platform, self.setting.week):
            raise ValidationError(
                _("There is a trial on %(platform)s already: %(trial)s. End it first, or wait until it is over."),
                params={"platform": platform, "trial": trial_words(trial)},
            )

    def _check_is_another(self, minutes: int) -> None:
        if minutes == self.setting.platform.weekly_limit_minutes:
            raise ValidationError(
                _("The limit is %(limit)s a week already. Write another number to try."),
                params={"limit": limit(minutes)},
            )

    def _check_changes_something(self, minutes: int) -> None:
        """A limit above one that is in force loosens it; any other has to be below the hours of some week."""
        own, most = self.setting.platform.weekly_limit_minutes, self.setting.most_minutes
        if minutes < most or (own is not None and own < minutes):
            return
        raise ValidationError(
            _(
                "No week of the last %(weeks)s had more than %(most)s on %(platform)s, so this limit would change"
                " nothing. Write fewer hours."
            ),
            params={"weeks": WEEKS_LOOKED_BACK, "most": limit(most), "platform": self.setting.platform},
        )
