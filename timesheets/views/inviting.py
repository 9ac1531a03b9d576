"""Bringing people in who have no password yet: an e-mail to each, or, while there is none, a link to hand on."""

import logging
from collections.abc import Callable, Iterable, Sequence
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timesheets import invitations
from timesheets.models import User

log = logging.getLogger(__name__)


def is_posted(request: HttpRequest, letter: Callable[[User], None], person: User) -> bool:
    """Send it; when the mail server is away or refuses, say so and where to try again."""
    if _is_sent(letter, person):
        return True
    sentence = _("%(person)s is here, but the e-mail could not be sent. Try again from their page under Team.")
    messages.error(request, sentence % {"person": person})
    return False


def invite_all(request: HttpRequest, people: Sequence[User], *, then: str) -> HttpResponse:
    """Invite people who were just added, say how many were, and go on to the page `then`."""
    sentence = ngettext("%(count)s person was added.", "%(count)s people were added.", len(people))
    messages.success(request, sentence % {"count": len(people)})
    if not invitations.are_sent():
        return show_links(request, people, then=then)
    if left := _left_out(get_adapter(request).invite, people):
        names = ", ".join(str(person) for person in left)
        sentence = _("No e-mail could be sent to %(names)s. Try again from their pages under Team.")
        messages.error(request, sentence % {"names": names})
    else:
        messages.success(request, _("Each was sent an e-mail to set a password."))
    return redirect(then)


def show_links(request: HttpRequest, people: Iterable[User], *, then: str) -> HttpResponse:
    """The links, on the answer to what a director has just done, and on no page that could be opened again."""
    reader: User = request.user  # type: ignore[assignment]
    links = [(person, invitations.shown_link(person, to=reader)) for person in people]
    hours = int(invitations.SHOWN_VALID_FOR.total_seconds() / 3600)
    return render(request, "timesheets/invitation_links.html", {"links": links, "then": then, "hours": hours})


def _left_out(letter: Callable[[User], None], people: Sequence[User]) -> list[User]:
    """Who got none. When the server is away for one it is for those after them: nobody waits for each in turn."""
    for place, person in enumerate(people):
        if not _is_sent(letter, person):
            return list(people[place:])
    return []


def _is_sent(letter: Callable[[User], None], person: User) -> bool:
    try:
        letter(person)
    except (OSError, SMTPException) as error:
        log.warning("no link to set a password for user=%s: %s", person.pk, error)
        return False
    return True
