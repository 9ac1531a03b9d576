"""The glossary: the words on the screens that need an explanation, each in a sentence or two."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import ONE_UNIT


@dataclass(frozen=True)
class GlossaryTerm:
    """One word with its meaning; `slug` is its place in the page, to which `{% term %}` links."""

    slug: str
    name: str | Promise
    meaning: str | Promise


TERMS = (
    GlossaryTerm(
        "attribution-model",
        _("Attribution model"),
        _(
            "The rule that shares the credit for a lead or a sale among the touchpoints before it. Linear gives each "
            "the same share, first touch gives everything to the first. The agency chooses one under Settings; all of "
            "them are worked out side by side, so that you see where the choice matters."
        ),
    ),
    GlossaryTerm(
        "touchpoint",
        _("Touchpoint"),
        _(
            "One contact of a lead with a platform: a click on a post, an answer to a newsletter, a talk at a fair. It "
            "has a moment, a platform and often a campaign. Touchpoints lead the credit for a sale back to the work "
            "that helped to win it."
        ),
    ),
    GlossaryTerm(
        "credit",
        _("Credited leads, sales and revenue"),
        _(
            "The share of leads, sales and revenue that the attribution model gives to a platform or campaign. Shares "
            "can be parts of a lead or a sale; together they always add up to what really came in."
        ),
    ),
    GlossaryTerm(
        "unattributed",
        _("Unattributed"),
        _(
            "Leads, sales and revenue that no touchpoint explains: nobody recorded where they came from, or it was too "
            "long ago. They have a line of their own, so that every table adds up."
        ),
    ),
    GlossaryTerm(
        "lookback",
        _("Lookback"),
        _("How many days before a lead or a sale a touchpoint may lie and still get credit. It is a setting."),
    ),
    GlossaryTerm(
        "general-presence",
        _("General presence"),
        _(
            "The built-in campaign for hours that belong to no other campaign, such as keeping a profile alive. These "
            "hours cost money like all others, so they are shown and never dropped."
        ),
    ),
    GlossaryTerm(
        "cost",
        _("Cost"),
        _("Hours at the rate of each person on the day of the work, plus the bills: ads, tools and freelancers."),
    ),
    GlossaryTerm(
        "cost-per-lead",
        _("Cost per lead"),
        _(
            "Cost divided by credited leads. Without any lead there is no such figure, and a dash stands in its place: "
            "it is not nought."
        ),
    ),
    GlossaryTerm(
        "qualified-lead",
        _("Qualified lead"),
        _("A lead that somebody has looked at and found worth an offer."),
    ),
    GlossaryTerm(
        "margin",
        _("Gross margin"),
        _("The part of revenue that is left once the work that was sold has been paid for. It is a setting."),
    ),
    GlossaryTerm(
        "return-per-1",
        format_lazy(_("Return per {unit} of cost"), unit=ONE_UNIT),
        _(
            "Credited revenue, times the gross margin, divided by cost. At 1 the work pays for itself; 0.60 means that "
            "60 of each 100 spent came back."
        ),
    ),
    GlossaryTerm(
        "in-the-end",
        _("In the end"),
        _(
            "What work brings back when everything is in: what came so far, and what is still to come by how long "
            "sales take here. Its range holds the truth four times in five. The figures of a period count what came "
            "in it."
        ),
    ),
    GlossaryTerm(
        "basis",
        _("Week of the sale, week of the work"),
        _(
            "Two ways to date revenue. By the week of the sale it stands where the money came in; by the week of the "
            "work it stands where the touchpoint was that earned the credit, often months earlier."
        ),
    ),
    GlossaryTerm(
        "cohort",
        _("Cohort"),
        _(
            "The work of the same four weeks, followed through time: what it cost then, and what it has brought back "
            "since. Young cohorts have brought back little so far because sales take time."
        ),
    ),
    GlossaryTerm(
        "verdict",
        _("Verdict"),
        _(
            "What the evidence says of a platform: losing, watch, earning, too early or too little to tell. It counts "
            "the returns that are still to come and allows for luck. Losing needs two evaluations that agree. While no "
            "sale is recorded, and nobody has said since when all sales are, no platform is judged."
        ),
    ),
    GlossaryTerm(
        "plain-rule",
        _("Plain rule"),
        _(
            "The simple question beside the verdict: did the last weeks cost more than the revenue credited in them "
            "brings after margin? It knows nothing of returns to come or of luck."
        ),
    ),
    GlossaryTerm(
        "flag",
        pgettext_lazy("glossary", "Flag"),
        _(
            "The record that a platform is losing money or takes more hours than its limit: since when, on which "
            "figures, and what was answered. It ends by its own threshold, so that it does not come and go."
        ),
    ),
    GlossaryTerm(
        "trial",
        _("Trial of a limit"),
        _(
            "Another weekly limit on one platform for eight whole weeks. Then the earlier limit holds again by itself, "
            "and the trial's page tells the hours kept to and what came beside the weeks before."
        ),
    ),
    GlossaryTerm(
        "outcome",
        pgettext_lazy("glossary", "Outcome"),
        _("A count that is not money: followers, comments, opt-ins, tickets answered. It never enters a sum of money."),
    ),
)
