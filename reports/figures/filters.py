"""What a page of figures is asked for, read from its address: weeks, filters, attribution model, basis.

Reading is lenient: whatever an address cannot mean is replaced by the default and said in a sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from html import escape
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import DateField, F, QuerySet, Value
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.lookups import by_campaign, by_client, by_platform
from campaigns.models import Agency, Campaign, Client, Platform
from campaigns.models.agency import MODEL_CHOICES, Basis
from campaigns.models.catalogue import Purpose, campaign_label
from core.list_words import no_choice, truncate
from core.lookups import SEPARATOR, LookupInput, are_many, drawn_as_text, typed_value
from core.statements import Statement
from core.templatetags.retour import short_day
from core.typed_weeks import read_week
from core.week_names import week_name
from core.weeks import Week
from reports.figures.query import UNATTRIBUTED, Period, ReportFilters
from timesheets.models import TimeEntry

PRESETS = (4, 13, 26, 52)
LONGEST = 260
EARLIEST, LATEST = Week.parse("2000-W01"), Week.parse("2199-W52")
NO_PLATFORM = "none"
OWN_BRAND = "own"

Choice = tuple[str, Any]


@dataclass(frozen=True)
class Select:
    """One filter as the page draws it: `(value, words)` and what is chosen."""

    name: str
    label: str
    choices: Sequence[Choice]
    value: str
    default: str = ""
    as_text: LookupInput | None = None

    @property
    def options(self) -> SafeString:
        """The choices as HTML, made at once: there may be hundreds of campaigns."""
        selected = {self.value: " selected"}
        return SafeString(
            "\n".join(
                f'<option value="{escape(value)}"{selected.get(value, "")}>{escape(str(words))}</option>'
                for value, words in self.choices
            )
        )

    @property
    def chosen_words(self) -> str:
        return str(next((words for value, words in self.choices if value == self.value), ""))

    @property
    def is_narrowing(self) -> bool:
        """Whether it leaves something out; the model and the basis only count differently."""
        return self.name not in ("weeks", "model", "basis") and self.value != self.default


@dataclass(frozen=True)
class ReportForm:
    """What was asked, as far as it could be understood; `problems` are sentences about the rest.

    `platforms` are all that there are: the choices were made of them. `subject` is the filter that a page is about,
    whose title says it: there it is no choice.
    """

    period: Period
    filters: ReportFilters
    last_complete: Week
    selects: Mapping[str, Select]
    problems: Sequence[str] = field(default=())
    margin: Fraction = Fraction(1)
    platforms: Sequence[Platform] = field(default=())
    subject: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, agency: Agency, last_complete: Week) -> "ReportForm":
        """Read an address; never raises."""
        return _Reader(query, agency, last_complete).form()

    @property
    def is_custom(self) -> bool:
        """Whether the weeks were named one by one instead of counted back from the last complete one."""
        return not self.selects["weeks"].value

    @property
    def is_filtered(self) -> bool:
        return self.filters.is_filtered

    @property
    def narrowing(self) -> list[Select]:
        """The filters that leave something out."""
        return [select for select in self.selects.values() if select.is_narrowing]

    @property
    def narrowing_beside_subject(self) -> list[Select]:
        return [select for select in self.narrowing if select.name != self.subject]

    @property
    def narrowing_beside_platform(self) -> list[Select]:
        """The same for pages whose title names the platform."""
        return [select for select in self.narrowing if select.name != "platform"]

    @property
    def has_default_look(self) -> bool:
        """Whether the figures are those that the verdicts of the last complete week were spoken on."""
        return all(select.value == select.default for select in self.selects.values())

    def narrowed_to(self, subject: str, pk: int) -> "ReportForm":
        """The same look at one platform or campaign only, by its number."""
        selects = {**self.selects, subject: replace(self.selects[subject], value=str(pk))}
        only: dict[str, Any] = {subject: pk}
        return replace(self, filters=replace(self.filters, **only), selects=selects, subject=subject)

    def parameters(self, **changes: Any) -> dict[str, str]:
        """The look as parameters of an address, as few as it can be, with some changed."""
        chosen = {select.name: select.value for select in self.selects.values() if select.value != select.default}
        if self.is_custom:
            chosen |= {"from": str(self.period.first), "to": str(self.period.last)}
        chosen |= {name: str(value) for name, value in changes.items()}
        return {name: value for name, value in chosen.items() if value}

    def query(self, **changes: Any) -> str:
        """The address of the same look, with some parameters changed: `?platform=3`."""
        kept = self.parameters(**changes)
        return f"?{urlencode(kept)}" if kept else ""

    def words(self) -> str:
        """The look in words: `last 13 weeks · Linear · Week of the sale`."""
        return f"{self.period_words} · {self.look_words}"

    @property
    def period_words(self) -> str:
        return period_words(self.period, self.last_complete)

    @property
    def counts_otherwise(self) -> bool:
        """Whether money is counted in another way than this agency's usual one."""
        return any(self.selects[name].value != self.selects[name].default for name in ("model", "basis"))

    @property
    def look_words(self) -> str:
        """How money is counted: `Linear · Week of the sale`."""
        return f"{self.selects['model'].chosen_words} · {self.selects['basis'].chosen_words}"

    @property
    def so_far(self) -> str:
        """The address of the same look at the week that is not over yet."""
        week = str(self.last_complete.next)
        kept = {name: value for name, value in self.parameters().items() if name not in ("weeks", "from", "to")}
        return f"?{urlencode({'from': week, 'to': week, **kept})}"


def period_words(period: Period, last_complete: Week) -> str:
    if period.last == last_complete:
        return ngettext("last week", "last %(weeks)s weeks", period.weeks) % {"weeks": period.weeks}
    return pgettext("weeks", "%(first)s to %(last)s") % {
        "first": week_name(period.first),
        "last": week_name(period.last),
    }


class _ClientOrCampaign(NamedTuple):
    """What a choice of one needs; `client` and `ends_on` are of a campaign."""

    kind: str
    pk: int
    name: str
    is_special: bool
    client: str
    is_active: bool
    ends_on: date | None

    @property
    def likeliest(self) -> tuple[Any, ...]:
        """Open campaigns before ended ones, as `campaign_options` has them."""
        return (not self.is_special, not self.is_active, -(self.ends_on or date.max).toordinal())


def _clients_and_campaigns() -> QuerySet[Any, Any]:
    """Both in one statement, and as few columns as their names need; the own brand and General presence first."""
    no_day = Value(None, output_field=DateField())
    clients = Client.objects.order_by().annotate(
        kind=Value("client"), special=F("is_own_brand"), client_name=Value(""), ended=no_day
    )
    campaigns = Campaign.objects.order_by().annotate(
        kind=Value("campaign"), special=F("is_general"), client_name=F("client__name"), ended=F("ends_on")
    )
    columns = ("kind", "pk", "name", "special", "client_name", "is_active", "ended")
    rows = clients.values_list(*columns).union(campaigns.values_list(*columns), all=True)
    return rows.order_by("-special", "name")


# Where what is asked for may be one of many: hours say which were worked for lately.
LOOKUPS = {"platform": by_platform(TimeEntry), "client": by_client(), "campaign": by_campaign(TimeEntry)}
_PLATFORMS: Statement[Platform] = Statement(lambda: Platform.objects.all())
_CLIENTS_AND_CAMPAIGNS = Statement(_clients_and_campaigns)


class _Reader:
    """One reading of one address."""

    def __init__(self, query: Mapping[str, str], agency: Agency, last_complete: Week) -> None:
        self.query = query
        self.agency = agency
        self.last_complete = last_complete
        self.problems: list[str] = []
        self.platforms = _PLATFORMS.rows()
        self.own_brand: int | None = None

    def form(self) -> ReportForm:
        period, weeks = self._period()
        selects = {select.name: select for select in (weeks, *self._filters(), *self._looks())}
        platform = selects["platform"].value
        filters = ReportFilters(
            model=selects["model"].value,
            basis=Basis(selects["basis"].value),
            platform=UNATTRIBUTED if platform == NO_PLATFORM else _number(platform),
            campaign=_number(selects["campaign"].value),
            client=self._client(selects["client"].value),
            purpose=Purpose(selects["purpose"].value) if selects["purpose"].value else None,
        )
        return ReportForm(
            period, filters, self.last_complete, selects, self.problems, self.agency.margin, self.platforms
        )

    # -- weeks --------------------------------------------------------------------------------------------------------

    def _period(self) -> tuple[Period, Select]:
        """Presets count back from the last complete week; `weeks` empty, or an end without it, names the weeks."""
        default = self.agency.window_weeks
        presets = sorted({*PRESETS, default})
        named = "weeks" in self.query or not ({"from", "to"} & set(self.query))
        chosen = self.query.get("weeks", str(default)) if named else ""
        choices = [(str(preset), self._preset_words(preset)) for preset in presets]
        if chosen and chosen not in dict(choices):
            self._say(_("Period"), chosen)
            chosen = str(default)
        period = self._named_period(default) if not chosen else Period.ending(self.last_complete, int(chosen))
        select = Select("weeks", _("Period"), [*choices, ("", _("Other weeks…"))], chosen, str(default))
        return period, select

    def _preset_words(self, weeks: int) -> str:
        return ngettext("%(weeks)s week to %(day)s", "%(weeks)s weeks to %(day)s", weeks) % {
            "weeks": weeks,
            "day": short_day(self.last_complete.sunday),
        }

    def _named_period(self, default: int) -> Period:
        last = self._week("to") or self.last_complete
        first = self._week("from") or last.plus(1 - default)
        if first > last:
            self.problems.append(
                _("%(first)s is after %(last)s: showing the usual weeks instead.") % {"first": first, "last": last}
            )
        elif first.weeks_until(last) >= LONGEST:
            self.problems.append(
                _("That is more than %(weeks)s weeks: showing the usual ones instead.") % {"weeks": LONGEST}
            )
        else:
            return Period(first, last)
        return Period.ending(self.last_complete, default)

    def _week(self, name: str) -> Week | None:
        text = self.query.get(name, "").strip()
        if not text:
            return None
        try:
            week = read_week(text, near=self.last_complete.sunday)
        except ValueError:
            self.problems.append(
                _("“%(text)s” is not a week. Write it like %(example)s.")
                % {"text": truncate(text), "example": self.last_complete}
            )
            return None
        if EARLIEST <= week <= LATEST:
            return week
        self.problems.append(_("%(week)s is out of range.") % {"week": week})
        return None

    # -- filters ------------------------------------------------------------------------------------------------------

    def _filters(self) -> list[Select]:
        platforms = [(str(platform.pk), platform.name) for platform in self.platforms]
        clients, campaigns = self._clients_and_campaigns()
        return [
            self._select("platform", _("Platform"), _("All platforms"), [*platforms, (NO_PLATFORM, _("Unattributed"))]),
            self._select("client", _("Client"), _("All clients"), clients),
            self._select("campaign", _("Campaign"), _("All campaigns"), campaigns),
            self._select("purpose", _("Purpose"), _("All purposes"), Purpose.choices),
        ]

    def _clients_and_campaigns(self) -> tuple[list[Choice], list[Choice]]:
        rows = list(map(_ClientOrCampaign._make, _CLIENTS_AND_CAMPAIGNS.rows()))
        clients = [self._client_choice(row) for row in rows if row.kind == "client"]
        return clients, _campaign_choices([row for row in rows if row.kind == "campaign"])

    def _client_choice(self, row: _ClientOrCampaign) -> Choice:
        if row.is_special:
            self.own_brand = row.pk
        return (OWN_BRAND if row.is_special else str(row.pk), row.name)

    def _looks(self) -> list[Select]:
        return [
            self._select("model", _("Attribution"), "", MODEL_CHOICES, self.agency.credit_model),
            self._select("basis", _("Counted by"), "", Basis.choices, Basis.CASH.value),
        ]

    def _select(
        self, name: str, label: str, nothing: str, choices: Sequence[tuple[Any, Any]], default: str = ""
    ) -> Select:
        offered = [*([("", nothing)] if nothing else []), *((str(value), words) for value, words in choices)]
        lookup = LOOKUPS.get(name)
        chosen = typed_value(self.query, name, label, choices, self.problems) if lookup else None
        if chosen is None:
            chosen = self._own_by_number(name, self.query.get(name, default))
        if chosen not in {value for value, _words in offered}:
            if chosen:
                self._say(label, chosen)
            chosen = default
        as_text = drawn_as_text(lookup, self.query, name, choices, chosen, nothing)
        return Select(name, label, offered, chosen, default, as_text)

    def _own_by_number(self, name: str, chosen: str) -> str:
        """The own brand is written `own`; links that only know its number mean the same."""
        return OWN_BRAND if name == "client" and chosen and chosen == str(self.own_brand) else chosen

    def _client(self, chosen: str) -> int | None:
        if chosen == OWN_BRAND:
            return self.own_brand
        return _number(chosen)

    def _say(self, label: str, text: str) -> None:
        self.problems.append(no_choice(label, text))


def _campaign_choices(rows: Sequence[_ClientOrCampaign]) -> list[Choice]:
    """By their names; of many each with its client, and those first that are asked for most."""
    has_clients = are_many(rows)
    shown = sorted(rows, key=attrgetter("likeliest")) if has_clients else rows
    return [(str(row.pk), _campaign_words(row, has_clients=has_clients)) for row in shown]


def _campaign_words(row: _ClientOrCampaign, *, has_clients: bool) -> str:
    label = campaign_label(row.name, is_general=row.is_special)
    return f"{label}{SEPARATOR}{row.client}" if has_clients and not row.is_special else label


def _number(text: str) -> int | None:
    return int(text) if text else None
