"""Addresses of the operations app."""

from django.urls import path

from operations.views import erase_person, jobs, leave_demo, merge_platforms, security

app_name = "operations"

urlpatterns = [
    path("platforms/<int:pk>/merge/", merge_platforms.merge_platform, name="merge_platform"),
    path("team/people/<int:pk>/erase/", erase_person.erase, name="erase_person"),
    path("settings/leave-demo/", leave_demo.leave, name="leave_demo"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/holds/<int:pk>/confirm", jobs.confirm_hold, name="confirm_hold"),
    path("security/", security.events, name="security"),
    path("jobs/<str:name>/retry", jobs.retry_job, name="retry_job"),
    path("jobs/imports/<int:pk>/retry", jobs.retry_import, name="retry_import"),
    path("jobs/reminders/<int:pk>/retry", jobs.retry_reminder, name="retry_reminder"),
]
