"""Everything the database holds on one lead or one person, found by what points at it rather than by a list to keep."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.http import HttpResponse, JsonResponse

from campaigns import erasure, saved_views
from campaigns.models import CapturedContact, Decision, ImportedRow, Lead, LeadMerge, Sale
from campaigns.models.imports import ImportKind
from campaigns.names_in_text import rows_naming

RowsByTable = dict[str, list[dict[str, Any]]]
# What opens an account; and what an hour of somebody costs, which is the agency's own sum and for directors alone.
SECRETS = ("password", "hourly_cents", "token_hash", "session_key", "session_data")


def download(name: str, data: dict[str, Any]) -> HttpResponse:
    """A JSON file that a person can also read."""
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def on_lead(lead: Lead) -> dict[str, Any]:
    """The lead, those merged with it, what hangs on them, its sales with their versions, and what imports remember."""
    others = Lead.objects.filter(pk__in=LeadMerge.one_person([lead.pk]) - {lead.pk})
    sales = Sale.objects.filter(Q(lead=lead) | Q(refund_of__lead=lead))
    imported = ImportedRow.objects.filter(
        Q(kind=ImportKind.LEADS, object_id__in=[lead.pk, *others.values_list("pk", flat=True)])
        | Q(kind=ImportKind.TOUCHES, object_id__in=lead.touches.values("pk"))
        | Q(kind=ImportKind.SALES, object_id__in=sales.values("pk"))
    )
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Lead), object_id=str(lead.pk))
    named = rows_naming(Decision.objects.all(), Decision.TEXTS, erasure.full_names(lead))
    return {
        "lead": _row(lead),
        "merged with": _rows(others),
        **_pointing_at(lead, about=("lead", "survivor", "merged")),
        "set aside as spam": _rows(CapturedContact.objects.mentioning(erasure.texts_of(lead))),
        "campaigns.sale": _rows(sales),
        "campaigns.historicalsale": _rows(Sale.history.filter(id__in=sales.values("pk"))),
        "campaigns.importedrow": _rows(imported),
        "admin.logentry": _rows(log),
        "campaigns.savedview": _rows(saved_views.named_after(erasure.texts_of(lead))),
        "campaigns.decision that names them": _rows(named),
    }


def on_person(person: Any) -> dict[str, Any]:
    """A person of the agency: the rows about them in full, those that bear their address, no secret.

    What they did to rows that are about something else is named by number alone.
    """
    data: dict[str, Any] = {"person": _row(person), **_pointing_at(person, about=("member", "person", "only_for"))}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if _bears_an_address(field) and model is not type(person):
                found = model._base_manager.filter(**{f"{field.name}__iexact": person.email})
                data |= {model._meta.label_lower: rows} if (rows := _rows(found)) else {}
                for row in found:  # such as the summaries that were sent to a subscription
                    data |= _pointing_at(row, about=(str(model._meta.model_name),))
    named = saved_views.named_after([person.name]).exclude(member=person)
    data |= {"campaigns.savedview named after the person": rows} if (rows := _rows(named)) else {}
    about = ContentType.objects.get_for_model(person)
    log = LogEntry.objects.filter(content_type=about, object_id=str(person.pk))
    decisions = rows_naming(Decision.objects.all(), Decision.TEXTS, (person.name, person.email))
    return {
        **data,
        "admin.logentry about the person": _rows(log),
        "campaigns.decision that names the person": _rows(decisions),
    }


def _bears_an_address(field: Any) -> bool:
    """An address, or the name somebody tried to sign in with."""
    return isinstance(field, models.EmailField) or field.name == "username"


def _pointing_at(subject: models.Model, *, about: Collection[str]) -> RowsByTable:
    """Every row of every table that points at this one: in full by the foreign keys of these names, else its number."""
    found: RowsByTable = {}
    for relation in subject._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            field: Any = relation.field  # type: ignore[union-attr]
            rows = field.model._base_manager.filter(**{field.name: subject}).order_by("pk")
            if data := _rows(rows) if field.name in about else list(rows.values("pk")):
                found.setdefault(field.model._meta.label_lower, []).extend(data)
    return found


def _row(subject: models.Model) -> dict[str, Any]:
    [row] = _rows(type(subject)._base_manager.filter(pk=subject.pk))
    return row


def _rows(rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    """In the order of their numbers, so that taking out the same data twice gives the same file."""
    ordered = rows.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in SECRETS} for row in ordered]
