"""Addresses of forms: where other sites send them, and where their keys are looked after."""

from django.urls import path

from campaigns.capture import key_views, quick, views

urlpatterns = [
    path("capture/<slug:key>", views.capture, name="capture"),
    path("leads/quick/", quick.lead_quick, name="lead_quick"),
    path("forms/", key_views.capture_keys, name="capture_keys"),
    path("forms/add/", key_views.capture_key_add, name="capture_key_add"),
    path("forms/<int:pk>/", key_views.capture_key, name="capture_key"),
    path("forms/<int:pk>/test/", key_views.capture_key_test, name="capture_key_test"),
    path("forms/<int:pk>/rotate/", key_views.capture_key_rotate, name="capture_key_rotate"),
    path("forms/<int:pk>/revoke/", key_views.capture_key_revoke, name="capture_key_revoke"),
    path("forms/quarantine/", key_views.quarantine, name="quarantine"),
    path("forms/quarantine/<int:pk>/release/", key_views.quarantine_release, name="quarantine_release"),
    path("forms/quarantine/<int:pk>/delete/", key_views.quarantine_delete, name="quarantine_delete"),
]
