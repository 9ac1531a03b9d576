"""The app's addresses, and an empty view behind the same middleware, to measure against."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as app_patterns
from core.access import EVERYONE, role_required


@role_required(*EVERYONE)
def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing")


urlpatterns = [path("nothing", nothing), *app_patterns]
