"""Addresses of the timesheets app."""

from django.urls import URLPattern

app_name = "timesheets"

urlpatterns: list[URLPattern] = []
