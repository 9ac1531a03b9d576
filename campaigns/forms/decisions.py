"""A decision before it is published: what it is about, and a director's own sentence."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Decision, LimitTrial, Platform
from campaigns.weekly_limits import trial_words, with_limit_in_force
from core import lookups
from core.list_words import with_colon
from core.templatetags.retour import limit
from core.weeks import Week

LONGEST_SENTENCE = 1000

Choice = tuple[str, str]


class DecisionForm(forms.Form):
    """``about`` names a platform, its limit of this week or a trial there: `platform:3`, `limit:3`, `trial:7`."""

    about = forms.ChoiceField(label=gettext_lazy("About"), required=False)
    sentence = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Managers read it as you write it. It is yours to word: leave out what an hour, a lead or a platform costs,"
            " what comes back of it, and the hours that follow from these; and name nobody who would not read it"
            " themselves."
        ),
    )

    def __init__(self, *args: Any, week: Week, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platforms = {row.pk: row for row in with_limit_in_force(Platform.objects.active(), week)}
        trials = LimitTrial.objects.unfinished(week).select_related("platform")
        self.trials = {trial.pk: trial for trial in trials}
        self.fields["about"].choices = list(self._choices())  # type: ignore[attr-defined]
        if lookups.are_many(self.platforms):
            self.fields["about"].help_text = _("Not all are offered here: the page of each platform leads to it.")

    def _choices(self) -> Iterator[Choice | tuple[str, list[Choice]]]:
        yield "", _("Nothing but your own words")
        limits = (
            (f"limit:{pk}", with_colon(row, facts)) for pk, row in self.platforms.items() if (facts := _limit(row))
        )
        trials = ((f"trial:{pk}", with_colon(trial.platform, _trial(trial))) for pk, trial in self.trials.items())
        platforms = ((f"platform:{pk}", str(row)) for pk, row in self.platforms.items())
        for name, group in ((_("A trial"), trials), (_("A limit"), limits), (_("A platform"), platforms)):
            if choices := self._offered(list(_closed(group))):
                yield name, choices

    def _offered(self, choices: list[Choice]) -> list[Choice]:
        """As many as a list should hold, and what is asked about: the page of a platform asks about that one."""
        asked = self.data.get("about") if self.is_bound else self.initial.get("about")
        return [choice for place, choice in enumerate(choices) if place < lookups.MOST_LISTED or choice[0] == asked]

    def clean_sentence(self) -> str:
        return str(self.cleaned_data["sentence"].strip())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("about", "").partition(":")[0]
        if kind in ("", "platform") and not cleaned.get("sentence") and not self.errors:
            raise ValidationError({"sentence": _("Write what you decided, or choose a limit or a trial above.")})
        return cleaned

    def decision(self) -> Decision:
        """The decision as managers would read it now, not saved."""
        kind, _colon, key = self.cleaned_data["about"].partition(":")
        trial = self.trials[int(key)] if kind == "trial" else None
        platform = trial.platform if trial else self.platforms[int(key)] if key else None
        facts = _trial(trial) if trial else _limit(platform) if platform and kind == "limit" else ""
        return Decision(
            platform=platform,
            heading=str(platform or ""),
            facts=facts[:1].upper() + facts[1:],
            sentence=self.cleaned_data["sentence"],
        )


def _closed(choices: Iterable[Choice]) -> Iterator[Choice]:
    return ((value, label.removesuffix(".")) for value, label in choices)


def _trial(trial: LimitTrial) -> str:
    return _("a trial: %(trial)s.") % {"trial": trial_words(trial)}


def _limit(platform: Any) -> str:
    """The limit of this week, of a platform read `with_limit_in_force`; nothing where there is none."""
    minutes = platform.limit_in_force
    return "" if minutes is None or platform.trial_ends else _("at most %(limit)s a week.") % {"limit": limit(minutes)}
