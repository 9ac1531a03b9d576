"""The demo's tracking links with their clicks, and the forms on its site with what was written by them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from campaigns.capture import intake
from campaigns.capture.reading import FormContact
from campaigns.links import click_outcomes
from campaigns.models import CapturedContact, CaptureKey, Lead, LinkClicks, LinkRules, TrackingLink
from campaigns.models.capture import ContactKind, FormSource
from campaigns.models.links import SLUG_LENGTH, SLUG_LETTERS
from core.weeks import Week
from operations.demo import names
from operations.demo.catalogue import AGENCY, Catalogue
from operations.demo.plan import Plan, at
from timesheets.models import User

SITE = f"www.{names.slug(AGENCY)}.example"
KEY_LENGTH = 24
LINK_WEEKS = 9
# Platform, campaign, medium, what is told apart, clicks on a working day of the full agency.
LINKS: tuple[tuple[str, str, str, str, int], ...] = (
    ("Facebook", "Websites for shops", "social", "film", 14),
    ("Facebook", "Websites for shops", "paid_social", "offer", 22),
    ("LinkedIn", "Free redesign review", "social", "case-study", 9),
    ("Newsletter", "Free redesign review", "email", "", 5),
    ("Events", "Breakfast workshops", "qr", "poster", 2),
)
FORMS: tuple[tuple[str, FormSource], ...] = (
    ("Request for a quote", FormSource.FORM),
    ("Redesign review", FormSource.TYPEFORM),
)
CONSENT = "I agree that you remember where I came from."
BY_FORM_WEEKS, BY_FORM_EVERY = 4, 3  # of the leads of these weeks, every third came by a form
AGAIN = "I asked you for a quote last week. Could you call me on Thursday afternoon?"
TEST = "A test of the form"
# What a program wrote into every field it found.
SPAM = ("SEO Experts", "rank@first-page.example", "Your site on page one within a week! https://first-page.example/now")


@dataclass(frozen=True)
class Writer:
    """Who writes by a form: what the fields hold."""

    name: str
    email: str
    message: str

    def contact(self, *, is_spam: bool = False) -> FormContact:
        values = {"name": self.name, "email": self.email, "message": self.message}
        return FormContact(values={name: value for name, value in values.items() if value}, is_spam=is_spam)


def open_capture(plan: Plan, catalogue: Catalogue, by: User) -> None:
    """Write links and forms. What is written by the forms makes no lead: it is of those who are there."""
    _open_links(plan, catalogue, by)
    forms = [_form(plan, name, source, by) for name, source in FORMS]
    _note_contacts(plan, forms)


# -- links ------------------------------------------------------------------------------------------------------------


def _open_links(plan: Plan, catalogue: Catalogue, by: User) -> None:
    LinkRules.objects.create(pk=1, allowed_hosts=SITE)
    dice, first = plan.dice("links"), plan.ago(LINK_WEEKS - 1)
    clicks: list[LinkClicks] = []
    for platform, campaign, medium, content, usual in LINKS:
        link = TrackingLink.objects.create(
            slug=_letters(dice, SLUG_LETTERS, SLUG_LENGTH),
            campaign=catalogue.campaigns[campaign],
            platform=catalogue.platforms[platform],
            target=f"https://{SITE}/{names.slug(plan.text(campaign))}",
            utm_source=names.slug(platform),
            utm_medium=medium,
            utm_campaign=names.slug(plan.text(campaign)),
            utm_content=content and names.slug(plan.text(content)),
            created_at=at(first.monday, 10),
            created_by=by,
        )
        clicks += _clicks(plan, link, usual, dice)
    LinkClicks.objects.bulk_create(clicks)
    click_outcomes.bring_up_to_date((click.link_id, click.day) for click in clicks)


def _clicks(plan: Plan, link: TrackingLink, usual: int, dice: random.Random) -> list[LinkClicks]:
    weeks = Week.range(plan.ago(LINK_WEEKS - 1), plan.until)
    days = [day for week in weeks for day in week.days[:5]]
    counts = [round(usual * plan.size * dice.uniform(0.4, 1.6)) for _day in days]
    return [LinkClicks(link=link, day=day, count=count) for day, count in zip(days, counts, strict=True) if count]


# -- forms ------------------------------------------------------------------------------------------------------------


def _form(plan: Plan, name: str, source: FormSource, by: User) -> CaptureKey:
    dice = plan.dice(f"form {name}")
    form = CaptureKey(
        name=plan.text(name),
        source=source,
        key=_letters(dice, SLUG_LETTERS, KEY_LENGTH),
        origins=f"https://{SITE}" if source == FormSource.FORM else "",
        thank_you=f"https://{SITE}/{names.slug(plan.text('Thank you'))}" if source == FormSource.FORM else "",
        created_at=at(plan.ago(LINK_WEEKS).monday, 11),
        created_by=by,
    )
    if source != FormSource.FORM:
        form.seal(_letters(dice, SLUG_LETTERS, KEY_LENGTH))
    form.save()
    return form


def _note_contacts(plan: Plan, forms: Sequence[CaptureKey]) -> None:
    """Every third lead of the last weeks came by a form; one of them wrote again, and a program wrote too."""
    first, last = at(plan.ago(BY_FORM_WEEKS - 1).monday, 0), at(plan.until.sunday, 0)
    leads = Lead.objects.live().filter(received_at__range=(first, last), external_id__startswith="web-")
    by_form = list(leads.order_by("received_at", "external_id"))[::BY_FORM_EVERY]
    CapturedContact.objects.bulk_create(
        CapturedContact(
            key=forms[number % len(forms)],
            kind=ContactKind.NEW,
            lead=lead,
            at=lead.received_at,
            consent_at=lead.received_at,
            consent_text=plan.text(CONSENT),
        )
        for number, lead in enumerate(by_form)
    )
    again = Writer(by_form[0].name, by_form[0].email, plan.text(AGAIN))
    intake.take_in(forms[0], again.contact(), at=by_form[0].received_at + timedelta(days=6))
    intake.take_in(forms[0], Writer(*SPAM).contact(is_spam=True), at=at(plan.until.days[2], 3, 12))
    tested_at = at(plan.ago(LINK_WEEKS).monday, 11, 20)
    intake.take_in(forms[0], Writer(plan.text(TEST), "", "").contact(), at=tested_at, is_test=True)


def _letters(dice: random.Random, letters: str, count: int) -> str:
    return "".join(dice.choice(letters) for _number in range(count))
