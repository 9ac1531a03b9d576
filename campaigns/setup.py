"""What an agency starts with: its settings, the platforms everybody knows, itself as a client."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign, Client, Platform, PlatformAlias, UnrecordedPeriod
from campaigns.models.catalogue import PlatformKind, normalise
from core.locales import currencies, territories


@dataclass(frozen=True)
class Standard:
    """A platform as it is made, with the names that files and links give it."""

    name: str
    kind: PlatformKind
    aliases: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its name in the current language: social platforms call themselves the same in each."""
        return self.name if self.kind is SOCIAL else str(self.kind.label)


SOCIAL = PlatformKind.SOCIAL

STANDARD = (
    Standard(
        "Facebook",
        SOCIAL,
        (
            "fb",
            "facebook.com",
            "m.facebook.com",
            "l.facebook.com",
            "lm.facebook.com",
            "fb.com",
            "fb.me",
            "meta",
            "meta ads",
            "facebook ads",
        ),
    ),
    Standard("LinkedIn", SOCIAL, ("li", "linkedin.com", "lnkd.in", "linkedin ads")),
    Standard("X / Twitter", SOCIAL, ("x", "twitter", "x.com", "twitter.com", "mobile.twitter.com", "t.co", "tw")),
    Standard("Pinterest", SOCIAL, ("pin", "pinterest.com", "pinterest.fr", "pin.it")),
    Standard("Instagram", SOCIAL, ("ig", "insta", "instagram.com", "l.instagram.com")),
    Standard("TikTok", SOCIAL, ("tiktok.com", "vm.tiktok.com", "tik tok", "tt")),
    Standard("YouTube", SOCIAL, ("yt", "youtube.com", "m.youtube.com", "youtu.be")),
    Standard(
        "Search",
        PlatformKind.SEARCH,
        (
            "google",
            "google.com",
            "google ads",
            "googleads",
            "google_ads",
            "adwords",
            "bing",
            "bing.com",
            "duckduckgo",
            "paid search",
            "paid_search",
            "organic search",
            "organic_search",
            "seo",
            "sea",
            "sem",
            *("recherche", "moteur de recherche", "moteurs de recherche", "référencement", "référencement naturel"),
            *("suche", "suchmaschine", "buscador", "motore di ricerca", "pesquisa", "zoekmachine"),
        ),
    ),
    Standard(
        "Newsletter",
        PlatformKind.NEWSLETTER,
        (
            *("email", "e-mail", "mail", "mailchimp", "mailing", "email marketing", "email_marketing", "brevo"),
            *("infolettre", "lettre d'information", "emailing", "e-mailing", "courriel", "nieuwsbrief", "boletín"),
        ),
    ),
    Standard(
        "Events",
        PlatformKind.EVENT,
        (
            *("event", "fair", "trade fair", "conference", "meetup", "salon"),
            *("événement", "évènement", "événements", "évènements", "evenement", "evenements", "conférence", "foire"),
            *(
                "salon professionnel",
                "messe",
                "veranstaltung",
                "evento",
                "eventos",
                "eventi",
                "feria",
                "fiera",
                "beurs",
            ),
        ),
    ),
    Standard(
        "Referral",
        PlatformKind.REFERRAL,
        (
            *("referrals", "word of mouth", "word-of-mouth", "recommendation"),
            *("bouche à oreille", "bouche-à-oreille", "bouche a oreille", "bouche-a-oreille", "recommandation"),
            *("recommandations", "parrainage", "empfehlung", "mundpropaganda", "boca a boca", "recomendación"),
            *("passaparola", "raccomandazione", "indicação", "mond-tot-mondreclame", "aanbeveling"),
        ),
    ),
)


def standard_platforms(names: Collection[str] | None = None) -> dict[str, Platform]:
    """Make the platforms everybody knows, or those of these names, and return them by their English name.

    New ones are called as the agency's language calls them; what is there, or goes by another name now, stays as it is.
    """
    with translation.override(Agency.current().language):
        return {
            standard.name: _platform(standard, colour)
            for colour, standard in enumerate(STANDARD, start=1)
            if names is None or standard.name in names
        }


def _platform(standard: Standard, colour: int) -> Platform:
    platform = Platform.objects.named(standard.name) or Platform.objects.named(standard.label)
    if platform is None:
        platform = Platform.objects.create(name=standard.label, kind=standard.kind, colour=colour)
        english = () if platform.name == standard.name else (standard.name,)
        _give_aliases(platform, (*english, *standard.aliases))
    return platform


def _give_aliases(platform: Platform, aliases: tuple[str, ...]) -> None:
    """Only names that nothing else goes by: an agency may have a platform called `Google` of its own."""
    names = {normalise(name) for name in Platform.objects.values_list("name", flat=True)}
    free = [text for text in map(normalise, aliases) if text not in names]
    PlatformAlias.objects.bulk_create(
        [PlatformAlias(platform=platform, text=text) for text in free], ignore_conflicts=True
    )


def prepare(settings: Mapping[str, Any], platforms: Collection[str] | None = None) -> Agency:
    """Write the agency's settings and make what it starts with; a second time changes only what differs.

    `settings` are fields of Agency; ValidationError when one of them cannot be. `platforms` are names of STANDARD, all
    of them when it is None. The caller holds a transaction.
    """
    agency = Agency.current()
    if changed := {name: value for name, value in settings.items() if getattr(agency, name) != value}:
        for name, value in changed.items():
            setattr(agency, name, value)
        check(agency)
        agency.save()
    standard_platforms(platforms)
    own = Client.objects.own_brand()
    if own.name == "Own brand" and not Client.objects.filter(name=agency.name).exists():
        own.name = agency.name
        own.save()
    Campaign.objects.general()
    return agency


def add_unrecorded(periods: Iterable[tuple[date, date]]) -> None:
    """Add periods without records, from the first to the last day; those that are there already stay as they are."""
    for first, last in periods:
        if not UnrecordedPeriod.objects.filter(first_day=first, last_day=last).exists():
            period = UnrecordedPeriod(first_day=first, last_day=last)
            period.full_clean()
            period.save()


def check(agency: Agency) -> None:
    """Raise ValidationError, with what would be right, when a setting cannot be."""
    agency.full_clean()
    if agency.currency not in currencies():
        raise ValidationError(_("Unknown currency. Write its ISO code: EUR, CAD, CHF, USD."))
    if agency.country not in territories():
        raise ValidationError(_("Unknown country. Write its ISO code: FR, CA, CH, BE."))
