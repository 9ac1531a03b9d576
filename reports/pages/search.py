"""The search over everything: platforms, campaigns, clients, leads, people. Only what its reader may open is found.

Each kind costs one statement, which stops at its first few rows, and one more to count the others up to a number. What
was searched for is kept nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns import lead_search
from campaigns.models import Campaign, CampaignAlias, Client, Lead, LeadMerge, Platform, PlatformAlias
from campaigns.models.catalogue import normalise
from core.templatetags.retour import short_day
from core.weeks import Week
from timesheets.models import User

SHOWN = 5
# Beyond this many, "more than" is said: counting every lead whose name holds an e takes long and helps nobody.
MOST_COUNTED = 100
SHORTEST = 2


@dataclass(frozen=True)
class SearchHit:
    """One row: what it is called, where it opens, and what tells it from another of that name."""

    label: str
    path: str
    note: str = ""


@dataclass(frozen=True)
class SearchGroup:
    """What was found of one kind; `count` is None when there are more than `MOST_COUNTED`."""

    name: str
    title: str
    hits: Sequence[SearchHit]
    count: int | None
    all_path: str
    note: str = ""

    @property
    def all_words(self) -> str:
        if self.count is None:
            return _("All (more than %(count)s)") % {"count": MOST_COUNTED}
        return _("All %(count)s") % {"count": self.count}

    @property
    def is_cut(self) -> bool:
        return self.count is None or self.count > len(self.hits)


@dataclass(frozen=True)
class SearchResults:
    """What was found for a text; `is_short` when it is too short to be searched for. `note` says what was left out."""

    text: str
    groups: Sequence[SearchGroup]
    is_short: bool = False
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.groups


def search(text: str, *, reader: User, week: Week) -> SearchResults:
    """What this reader may open and whose name holds the text; `week` is the one that a manager opens of a person."""
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        return SearchResults(text, [], is_short=bool(text))
    groups = [
        _platforms(text, reader),
        _campaigns(text),
        _clients(text),
        _leads(text),
        _people(text, reader, week),
    ]
    note = " ".join(group.note for group in groups if group.note)
    return SearchResults(text, [group for group in groups if group.hits], note=note)


def _platforms(text: str, reader: User) -> SearchGroup:
    aliases = PlatformAlias.objects.filter(platform=OuterRef("pk"), text__contains=normalise(text))
    rows = Platform.objects.filter(Q(name__icontains=text) | Exists(aliases)).prefetch_related("aliases")
    name = "reports:platform" if reader.is_director else "campaigns:platform"

    def hit(platform: Platform) -> SearchHit:
        return SearchHit(platform.name, reverse(name, args=[platform.pk]), _known_as(platform, text))

    return _group("platforms", _("Platforms"), rows.order_by("-is_active", "name"), hit, _listed("platforms", text))


def _known_as(row: Platform | Campaign, text: str) -> str:
    """The other name that it was found by, such as that of a platform that became part of it."""
    if normalise(text) in normalise(row.name):
        return "" if row.is_active else _("inactive")
    return next((alias.text for alias in row.aliases.all() if normalise(text) in alias.text), "")


def _campaigns(text: str) -> SearchGroup:
    aliases = CampaignAlias.objects.filter(campaign=OuterRef("pk"), text__contains=normalise(text))
    rows = Campaign.objects.filter(Q(name__icontains=text) | Exists(aliases)).select_related("client")
    rows = rows.prefetch_related("aliases").order_by("-is_active", "name", "pk")

    def hit(campaign: Campaign) -> SearchHit:
        notes = [str(campaign.client), _known_as(campaign, text)]
        return SearchHit(str(campaign), campaign.get_absolute_url(), " · ".join(filter(None, notes)))

    return _group("campaigns", _("Campaigns"), rows, hit, _listed("campaigns", text))


def _clients(text: str) -> SearchGroup:
    rows = Client.objects.filter(name__icontains=text).order_by("-is_active", "name")

    def hit(client: Client) -> SearchHit:
        path = reverse("campaigns:client", args=[client.pk])
        return SearchHit(client.name, path, "" if client.is_active else _("inactive"))

    return _group("clients", _("Clients"), rows, hit, _listed("clients", text))


def _leads(text: str) -> SearchGroup:
    """Newest first; one that was merged is found under its own name, and leads to the one that it became part of."""
    named = Q(name__icontains=text) | Q(company__icontains=text) | Q(email__icontains=text)
    merged = LeadMerge.objects.filter(merged=OuterRef("pk"))
    every = Lead.objects.all()
    near = lead_search.in_reach(every, text)
    rows = near.filter(lead_search.may_hold(text), named | Q(external_id=text))
    rows = rows.filter(Q(voided_at=None) | Exists(merged))
    rows = rows.order_by("-received_at", "-pk")
    found = list(rows[: SHOWN + 1])
    surviving = LeadMerge.surviving({str(lead.pk): lead for lead in found if lead.is_void})
    hits: dict[str, SearchHit] = {}
    for lead in found[:SHOWN]:
        hit = _lead_hit(lead, surviving.get(str(lead.pk), lead))
        hits.setdefault(hit.path, hit)
    title, path = _("Leads"), f"{reverse('campaigns:leads')}?{urlencode({'q': text, 'show': 'all'})}"
    note = "" if near is every else lead_search.newest_alone()
    return SearchGroup("leads", title, list(hits.values()), _count(rows, found, len(hits)), path, note)


def _lead_hit(lead: Lead, current: Lead) -> SearchHit:
    if current != lead:
        return SearchHit(str(current), current.get_absolute_url(), _("was %(name)s") % {"name": lead})
    notes = [lead.company if lead.company != str(lead) else "", short_day(lead.received_at)]
    return SearchHit(str(lead), lead.get_absolute_url(), " · ".join(filter(None, notes)))


def _people(text: str, reader: User, week: Week) -> SearchGroup:
    """A director finds a person by the e-mail too, and opens their account; a manager their week."""
    named = Q(name__icontains=text) | (Q(email__icontains=text) if reader.is_director else Q())
    rows = User.objects.filter(named).order_by("-is_active", F("left_on").desc(nulls_first=True), "name", "pk")

    def hit(person: User) -> SearchHit:
        if reader.is_director:
            return SearchHit(str(person), reverse("timesheets:person", args=[person.pk]), person.email)
        return SearchHit(str(person), reverse("timesheets:of_person", args=[person.pk, week]))

    name = "timesheets:people" if reader.is_director else "timesheets:team"
    asked = {"q": text, **({"show": "all"} if reader.is_director else {})}
    return _group("people", _("People"), rows, hit, f"{reverse(name)}?{urlencode(asked)}")


def _listed(name: str, text: str) -> str:
    """The list of all of a kind, searched for the same."""
    return f"{reverse(f'campaigns:{name}')}?{urlencode({'q': text, 'show': 'all'})}"


def _group(name: str, title: str, rows: QuerySet[Any], hit: Callable[[Any], SearchHit], all_path: str) -> SearchGroup:
    found = list(rows[: SHOWN + 1])
    return SearchGroup(name, title, [hit(row) for row in found[:SHOWN]], _count(rows, found, SHOWN), all_path)


def _count(rows: QuerySet, found: Sequence[Model], shown: int) -> int | None:
    if len(found) <= SHOWN:
        return min(len(found), shown)
    count = rows.order_by()[: MOST_COUNTED + 1].values("pk").count()
    return None if count > MOST_COUNTED else count
