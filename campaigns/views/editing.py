"""How every record here is filled in, voided and taken back: one page for each, one place for the races."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.forms import VoidForm
from campaigns.views import idempotency
from core import task_queue
from core.history import HistoryStep


@dataclass(frozen=True)
class FormPage:
    """What stands around a form: its title, the entry of the navigation, where Cancel leads, what is said after.

    `put_off` is the word in place of Cancel where nothing is lost by it.
    """

    title: str
    section: str
    back: str
    done: str
    under: str = ""
    void: str = ""
    template: str = "campaigns/form.html"
    history: Sequence[HistoryStep] = ()
    put_off: str = ""


@contextmanager
def writing(request: HttpRequest) -> Iterator[None]:
    """One transaction for a POST; none for a page that is only looked at, which must not wait for a writer."""
    if request.method != "POST":
        yield
        return
    with transaction.atomic():
        yield


def posted(request: HttpRequest) -> Any:
    """What was sent, or None, which leaves a form unbound."""
    return request.POST if request.method == "POST" else None


def wanted(request: HttpRequest, rows: models.QuerySet, pk: int) -> Any:
    """The row, or a 404. A POST holds it until its transaction ends, so that what a form checks stays true."""
    return get_object_or_404(rows.select_for_update(of=("self",)) if request.method == "POST" else rows, pk=pk)


def fill_in(request: HttpRequest, form: ModelForm, page: FormPage, *, then: str = "") -> HttpResponse:
    """Show the form, or save it and go on; a refused form comes back with what was typed and why."""
    answer = saved_once(request, form, page.done, then=then) if request.method == "POST" else None
    return answer or render(request, page.template, {"form": form, "page": page}, status=422 if form.is_bound else 200)


def saved_once(request: HttpRequest, form: ModelForm, done: str, *, then: str = "") -> HttpResponse | None:
    """Save and go on, or go to where the same form led when it was sent before; None when it is refused."""

    def address() -> str:
        return then or str(form.instance.get_absolute_url())

    if (
        not idempotency.saved_address(request)
        and form.is_valid()
        and saved(form, lambda: idempotency.record(request, address()))
    ):
        messages.success(request, done)
        return redirect(address())
    if earlier := idempotency.saved_address(request):
        messages.info(request, _("This has already been saved. It counts once."))
        return redirect(earlier)
    return None


def saved(form: ModelForm, record: Callable[[], None] = lambda: None) -> bool:
    """Save a valid form. Someone who saved the same thing at the same moment becomes a sentence, not a failure."""
    before = form.instance.pk, form.instance._state.adding
    try:
        with transaction.atomic():
            form.save()
            record()
            task_queue.enqueue_on_commit()
    except IntegrityError:
        form.instance.pk, form.instance._state.adding = before  # a new row that was taken back has no number
        form.full_clean()  # the other row is there now: the form says at which field
        if form.is_valid():
            form.add_error(None, _("Someone has just saved the same thing. Check the list, then try again."))
        return False
    return True


def void(request: HttpRequest, row: Any, page: FormPage) -> HttpResponse:
    """Ask for a reason, then stop counting the row."""
    form = VoidForm(posted(request))
    if row.is_void:
        messages.info(request, _("It has already been voided."))
        return redirect(page.back)
    if request.method == "POST" and form.is_valid():
        row.void(at=timezone.now(), reason=form.cleaned_data["reason"])
        task_queue.enqueue_on_commit()
        messages.success(request, page.done)
        return redirect(page.back)
    context = {"form": form, "page": page, "row": row}
    return render(request, "campaigns/void.html", context, status=422 if form.is_bound else 200)


def restore(request: HttpRequest, row: Any, *, back: str, check: Callable[[], None] = lambda: None) -> HttpResponse:
    """Count the row again, unless `check` raises the reason why it cannot."""
    try:
        if row.is_void:
            check()
            with transaction.atomic():
                row.restore()
                task_queue.enqueue_on_commit()
        messages.success(request, _("It counts again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except IntegrityError:
        messages.error(request, _("It cannot be restored: another one has replaced it."))
    return redirect(back)
