"""What every part of the week's page asks of a request."""

from django.http import HttpRequest

from timesheets.models import User


def member_of(request: HttpRequest) -> User:
    """The person who is signed in; `role_required` let them in."""
    assert isinstance(request.user, User)
    return request.user


def is_anothers_page(request: HttpRequest) -> bool:
    """Whether the page was made for someone else, who has signed in over it in another window since."""
    return request.POST.get("member", str(request.user.pk)) != str(request.user.pk)


def pk_in(request: HttpRequest, name: str) -> int:
    """A number that was sent; ValueError when it can be no primary key."""
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(name)
    return int(text)
