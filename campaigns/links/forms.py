"""Links as people build them, one at a time or many from a sheet; each name by the rules of the agency."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.parts import pick_platform
from campaigns.links import naming, targets
from campaigns.models import Campaign, CampaignAlias, LinkRules, Platform, PlatformAlias, TrackingLink
from campaigns.models.catalogue import normalise
from core.invisible import without_invisible

MOST_LINES = 500
MOST_BYTES = 200_000
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
SAID = ("utm_source", "utm_campaign", "utm_term", "utm_content")


class LinkRulesForm(forms.ModelForm):
    """Where links may lead and how they are named; a director's."""

    class Meta:
        model = LinkRules
        fields: ClassVar = ["allowed_hosts", "mediums", "is_lower_case", "has_no_spaces"]
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}) for name in ("allowed_hosts", "mediums")
        }
        help_texts: ClassVar = {
            "allowed_hosts": gettext_lazy(
                "One a line: www.example.com, or *.example.com for all below it. Without any, no link can be made. "
                "A link to a host that is taken out leads nowhere any more."
            ),
            "mediums": gettext_lazy("One a line: social, email, cpc. Only these can be chosen; empty: any."),
            "is_lower_case": gettext_lazy("LinkedIn and linkedin would be two sources in most reports."),
        }

    def clean_allowed_hosts(self) -> str:
        hosts = [self._host(line) for line in self.cleaned_data["allowed_hosts"].lower().split()]
        return "\n".join(dict.fromkeys(hosts))

    def _host(self, text: str) -> str:
        host = targets.host_of(text) or text
        if not targets.is_host(host):
            raise ValidationError(
                _("“%(text)s” is no host. Write it like www.example.com, without a path.") % {"text": text[:60]}
            )
        return host

    def clean_mediums(self) -> str:
        return "\n".join(dict.fromkeys(self.cleaned_data["mediums"].split()))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        rules = naming.NamingRules(cleaned.get("is_lower_case", True), cleaned.get("has_no_spaces", True))
        wrong = next((text for text in cleaned.get("mediums", "").split() if not rules.allow(text)), None)
        if wrong:
            self.add_error("mediums", must_be_spelled(wrong, rules))
        return cleaned


def must_be_spelled(text: str, rules: naming.NamingRules) -> str:
    return _("By the agency's rules this is written “%(right)s”.") % {"right": rules.spelled(text)[:100]}


class TrackingLinkForm(forms.ModelForm):
    """A new link of a campaign. What is left empty is taken from the names of its platform and its campaign."""

    utm_source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Empty: the platform's name. A new one becomes another name of the platform."),
    )
    utm_medium = forms.CharField(label=gettext_lazy("Medium"), max_length=60)
    utm_campaign = forms.CharField(
        label=gettext_lazy("Name of the campaign in the link"),
        required=False,
        max_length=160,
        help_text=gettext_lazy("Empty: the campaign's name. A new one becomes another name of the campaign."),
    )

    class Meta:
        model = TrackingLink
        fields: ClassVar = [
            *("platform", "target", "utm_medium", "utm_content", "utm_term"),
            *("utm_source", "utm_campaign", "slug"),
        ]
        labels: ClassVar = {"utm_content": gettext_lazy("Content"), "utm_term": gettext_lazy("Term")}
        help_texts: ClassVar = {
            "utm_content": gettext_lazy("Which post, picture or place it stands in."),
            "utm_term": gettext_lazy("The word that was bought, for paid search."),
            "slug": gettext_lazy(
                "Ends the short address; small letters, digits and hyphens. Empty: letters by chance."
            ),
        }

    def __init__(self, *args: Any, campaign: Campaign, rules: LinkRules, by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.rules, self.by = campaign, rules, by
        self.instance.campaign = campaign
        pick_platform(self)
        self.fields["target"].help_text = _("A whole address on one of: %(hosts)s.") % {"hosts": ", ".join(rules.hosts)}
        self.fields["slug"].required = False
        self.initial["slug"] = ""  # made when it is saved, unless somebody wants one of their own
        if rules.naming.mediums:
            self.fields["utm_medium"].widget = forms.Select(choices=[(name, name) for name in rules.naming.mediums])

    def clean_target(self) -> str:
        return checked_target(self.cleaned_data["target"], self.rules)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if not slug:
            return str(self.instance.slug)
        if not SLUG.fullmatch(slug):
            raise ValidationError(_("Write 3 to 40 small letters, digits and hyphens."))
        return slug

    def clean_utm_medium(self) -> str:
        medium: str = self.cleaned_data["utm_medium"]
        if not self.rules.naming.allow_medium(medium):
            raise ValidationError(
                _("“%(medium)s” is none of the agency's mediums: %(mediums)s.")
                % {"medium": medium[:60], "mediums": ", ".join(self.rules.naming.mediums)}
            )
        return medium

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in (*SAID, "utm_medium"):
            text = cleaned[name] = without_invisible(cleaned.get(name) or "").strip()
            if not self.rules.naming.allow(text):
                self.add_error(name, must_be_spelled(text, self.rules.naming))
        if not self.errors:
            self._name_platform(cleaned)
            self._name_campaign(cleaned)
        return cleaned

    def _name_platform(self, cleaned: dict[str, Any]) -> None:
        platform: Platform = cleaned["platform"]
        source = cleaned["utm_source"] = cleaned["utm_source"] or self.rules.naming.spelled(_usual_name(platform))
        known = Platform.objects.named(source)
        if known not in (None, platform):
            self.add_error("utm_source", _("“%(name)s” is a name of %(other)s.") % {"name": source, "other": known})

    def _name_campaign(self, cleaned: dict[str, Any]) -> None:
        name = cleaned["utm_campaign"] = cleaned["utm_campaign"] or self.rules.naming.spelled(str(self.campaign))[:160]
        known = Campaign.objects.named(name)
        if known not in (None, self.campaign):
            self.add_error("utm_campaign", _("“%(name)s” is a name of %(other)s.") % {"name": name, "other": known})

    def save(self, commit: bool = True) -> TrackingLink:
        """Files with these names find platform and campaign from now on."""
        self.instance.created_by = self.by
        for name in ("utm_source", "utm_campaign"):
            setattr(self.instance, name, self.cleaned_data[name])
        with transaction.atomic():
            link: TrackingLink = super().save(commit)
            if Platform.objects.named(link.utm_source) is None:
                PlatformAlias.objects.create(platform=link.platform, text=link.utm_source)
            if Campaign.objects.named(link.utm_campaign) is None:
                CampaignAlias.objects.get_or_create(
                    text=normalise(link.utm_campaign), defaults={"campaign": self.campaign}
                )
        return link


def checked_target(target: str, rules: LinkRules) -> str:
    """The address where it may be a target; ValidationError with what would be right."""
    if not targets.host_of(target):
        raise ValidationError(_("Write a whole address, like https://www.example.com/offer."))
    if not targets.is_allowed(target, rules.hosts):
        raise ValidationError(
            _("Links may not lead to %(host)s. A director can allow it in the rules of links.")
            % {"host": targets.host_of(target)}
        )
    return target


def _usual_name(platform: Platform) -> str:
    """A name of the platform without spaces or signs, where it has one: `twitter` for X / Twitter."""
    names = [platform.name, *platform.aliases.values_list("text", flat=True)]
    plain = [name for name in names if name.replace("-", "").replace("_", "").isalnum()]
    return max(plain[:1] or [name.split(".")[0] for name in names if "." in name] or names[:1], key=len)


class LinkEditForm(forms.ModelForm):
    """Where a link leads, and whether it does; what it stands for never changes."""

    class Meta:
        model = TrackingLink
        fields: ClassVar = ["target", "is_active"]
        help_texts: ClassVar = {"is_active": gettext_lazy("A link that is not leads nowhere.")}

    def __init__(self, *args: Any, rules: LinkRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules

    def clean_target(self) -> str:
        return checked_target(self.cleaned_data["target"], self.rules)


# -- many at once -----------------------------------------------------------------------------------------------------

# The columns of a sheet, in their usual order, with the names that a first line may give them.
COLUMNS = {
    "platform": ("platform", "plateforme"),
    "target": ("target", "leads to", "address", "url", "mène à", "adresse"),
    "utm_medium": ("medium", "utm_medium", "support"),
    "utm_content": ("content", "utm_content", "contenu"),
    "utm_term": ("term", "utm_term", "terme"),
    "utm_source": ("source", "utm_source"),
    "utm_campaign": ("utm_campaign",),
    "slug": ("slug", "short name", "nom court"),
}


class LinkRowError(NamedTuple):
    """What is wrong with the link of one row: the number of the row, and the field with its label."""

    row: int
    field: str
    label: str
    message: str


class LinkRows:
    """Links that were written together, each row by the field it is for: their forms, and what is wrong at which."""

    def __init__(
        self, rows: Sequence[tuple[int, dict[str, str]]], *, campaign: Campaign, rules: LinkRules, by: Any
    ) -> None:
        self.forms: list[TrackingLinkForm] = []
        self.errors: list[LinkRowError] = []
        seen: set[str] = set()
        for number, row in rows:
            form = TrackingLinkForm(_with_platform(row), campaign=campaign, rules=rules, by=by)
            self.errors += _errors_of(number, row, form)
            slug = row.get("slug", "").lower()
            if slug and slug in seen:
                label = str(form.fields["slug"].label)
                self.errors.append(LinkRowError(number, "slug", label, _("The short name stands there twice.")))
            seen.add(slug)
            self.forms.append(form)

    def save(self) -> list[TrackingLink]:
        with transaction.atomic():
            return [form.save() for form in self.forms]


def _with_platform(row: dict[str, str]) -> dict[str, Any]:
    platform = Platform.objects.named(row.get("platform", "")) if row.get("platform") else None
    return {**row, "platform": platform and platform.pk}


def _errors_of(number: int, row: dict[str, str], form: TrackingLinkForm) -> Iterator[LinkRowError]:
    for name, messages in form.errors.items():
        label = str(form.fields[name].label) if name in form.fields else ""
        message = " ".join(map(str, messages))
        if name == "platform" and row.get("platform") and not form.data["platform"]:
            message = _("There is no platform “%(name)s”.") % {"name": row["platform"][:60]}
        yield LinkRowError(number, name, label, message)


class BulkLinksForm(forms.Form):
    """Many links from a sheet, one a line. `links` holds their forms once all of them are valid."""

    lines = forms.CharField(
        label=gettext_lazy("Links, one a line"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Copied from a sheet, or with commas or semicolons: platform, address, medium, content, term. A first line "
            "with these names may put them in another order."
        ),
    )
    file = forms.FileField(label=gettext_lazy("or a CSV file of them"), required=False)

    def __init__(self, *args: Any, campaign: Campaign, rules: LinkRules, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.rules, self.by = campaign, rules, by
        self.links: Sequence[TrackingLinkForm] = ()
        self.rows: Sequence[tuple[int, dict[str, str]]] = ()

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(_("This file is too large for a table of links."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError(_("This is not a text file. Save the sheet as CSV (UTF-8).")) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        rows = self.rows = list(_rows("\n".join(filter(None, (cleaned.get("lines"), cleaned.get("file"))))))
        if len(rows) > MOST_LINES:
            self.add_error("lines", _("At most %(most)s links at a time.") % {"most": MOST_LINES})
        elif not rows and not self.errors:
            self.add_error("lines", _("Write at least one link."))
        else:
            self._read(rows)
        return cleaned

    def _read(self, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
        self.read = LinkRows(rows, campaign=self.campaign, rules=self.rules, by=self.by)
        self.links = self.read.forms
        for error in self.read.errors:
            line = _("Line %(line)s") % {"line": error.row}
            self.add_error("lines", f"{line}, {error.label}: {error.message}")

    def save(self) -> int:
        return len(self.read.save())

    def normalised(self) -> str:
        """The links as lines that are read back the same."""
        header = "\t".join(COLUMNS)
        return "\n".join([header, *("\t".join(row.get(name, "") for name in COLUMNS) for _line, row in self.rows)])


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line with its number, its cells by the field they are for."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max("\t;,", key=first.count)
    names = list(COLUMNS)
    for number, cells in enumerate(csv.reader(lines, delimiter=separator), start=1):
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        if header := _header(texts):
            names = header
            continue
        yield number, {name: cell for name, cell in zip(names, texts, strict=False) if name}


def _header(texts: Sequence[str]) -> list[str]:
    """The fields that a first line names; none when it is a link already."""
    fields = {word: name for name, words in COLUMNS.items() for word in (name, *words)}
    named = [fields.get(text.lower(), "") for text in texts]
    return named if {"platform", "target"} <= set(named) else []
