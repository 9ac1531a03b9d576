"""Addresses whose views fail with what must never reach a log."""

from typing import Never

from django.db import connection
from django.http import HttpRequest
from django.urls import include, path

from timesheets.models import User

CANARIES = ("Zelda Quokka", "zelda@quokka.example", "+33 6 12 34 56 78", "203.0.113.77")


def fail(request: HttpRequest, pk: int) -> Never:
    try:
        raise KeyError(CANARIES[0])
    except KeyError as error:
        raise ValueError(f"cannot read {' '.join(CANARIES)}") from error


def fail_in_the_database(request: HttpRequest) -> None:
    for _twice in range(2):
        User.objects.create(email=CANARIES[1], name=CANARIES[0], joined_on="2020-01-01")


def ask_too_much_of_the_database(request: HttpRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")


urlpatterns = [
    path("fail/<int:pk>/", fail, name="fail"),
    path("fail/twice", fail_in_the_database),
    path("fail/database", ask_too_much_of_the_database),
    path("", include("config.urls")),
]
handler500 = "django.views.defaults.server_error"
