"""Addresses of the weekly e-mail; part of `reports`."""

from django.urls import path

from reports.views import summaries

urlpatterns = [
    path("", summaries.summaries, name="summaries"),
    path("sent/<int:pk>/", summaries.sent, name="summary_sent"),
    path("sent/<int:pk>/email", summaries.sent_email, name="summary_sent_email"),
    path("sent/<int:pk>/resend", summaries.resend, name="summary_resend"),
    path("subscribers/", summaries.subscribers, name="subscribers"),
    path("subscribers/<int:pk>/remove", summaries.remove_subscriber, name="subscriber_remove"),
    path("unsubscribe/<str:token>/", summaries.unsubscribe, name="unsubscribe"),
    path("<str:week>/preview/", summaries.preview, name="summary_preview"),
    path("<str:week>/preview/email", summaries.preview_email, name="summary_preview_email"),
]
