"""Addresses of imports, under /imports/."""

from django.urls import path

from campaigns.views import imports

urlpatterns = [
    path("", imports.imports, name="imports"),
    path("add/", imports.import_add, name="import_add"),
    path("<int:pk>/", imports.import_run, name="import_run"),
    path("<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("<int:pk>/answers/", imports.import_answers, name="import_answers"),
    path("<int:pk>/start/", imports.import_start, name="import_start"),
    path("<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("<int:pk>/errors.csv", imports.import_errors, name="import_errors"),
]
