"""Addresses of the timesheets app."""

from django.urls import path, register_converter

from core.weeks import Week
from timesheets import lookups
from timesheets.views import (
    absences,
    exports,
    joining,
    own,
    paste,
    people,
    rates,
    reminding,
    rows,
    sessions,
    setup,
    submit,
    team,
    timer,
    tokens,
    week,
)


class WeekConverter:
    """`2026-W47` in an address; what is no week is not found."""

    regex = "[0-9]{4}-W[0-9]{2}"

    def to_python(self, value: str) -> Week:
        week = Week.parse(value)
        if not 1970 <= week.monday.year < 2200:
            raise ValueError("nobody logs hours then")  # and weeks before and after it must exist
        return week

    def to_url(self, value: Week) -> str:
        return str(value)


register_converter(WeekConverter, "week")

app_name = "timesheets"

urlpatterns = [
    path("setup/", setup.token, name="setup"),
    path("setup/agency/", setup.agency, name="setup_agency"),
    path("hours/", week.this_week, name="this_week"),
    path("hours/<week:week>/", week.show, name="week"),
    path("hours/<week:week>/cell", week.save_cell, name="save_cell"),
    path("hours/<week:week>/paste", paste.preview, name="paste"),
    path("hours/<week:week>/add-row", rows.add_row, name="add_row"),
    path("hours/<week:week>/remove-row", rows.remove_row, name="remove_row"),
    path("hours/<week:week>/copy-rows", rows.copy_rows, name="copy_rows"),
    path("hours/<week:week>/copy-hours", rows.copy_hours, name="copy_hours"),
    path("hours/<week:week>/pin-row", rows.pin_row, name="pin_row"),
    path("hours/<week:week>/restore-row", rows.restore_row, name="restore_row"),
    path("hours/<week:week>/timer/start", timer.start, name="start_timer"),
    path("hours/<week:week>/timer/stop", timer.stop, name="stop_timer"),
    path("hours/<week:week>/timer/settle", timer.settle, name="settle_timer"),
    path("timer/", timer.running, name="running"),
    path("timer/stop", timer.stop_running, name="stop_running"),
    path("hours/<week:week>/submit", submit.submit, name="submit"),
    path("hours/<week:week>/take-back", submit.take_back, name="take_back"),
    path("my-hours/", own.my_hours, name="my_hours"),
    path("absences/", absences.own, name="absences"),
    path("absences/<int:pk>/remove", absences.remove_own, name="remove_absence"),
    path("profile/", own.profile, name="profile"),
    path("profile/sessions/", sessions.show, name="sessions"),
    path("profile/tokens/", tokens.own, name="tokens"),
    path("profile/tokens/add", tokens.add, name="token_add"),
    path("profile/tokens/<int:pk>/revoke", tokens.revoke, name="token_revoke"),
    path("team/tokens/", tokens.every, name="all_tokens"),
    path("team/tokens/add", tokens.add_service, name="service_token_add"),
    path("welcome/<str:token>/", joining.invitation, name="invitation"),
    path("reminders/<str:token>/off", own.reminders_off, name="reminders_off"),
    path("team/", team.show, name="team"),
    path("team/hours", exports.team_hours, name="team_hours"),
    path("team/<week:week>/decide", team.decide, name="decide"),
    path("team/<week:week>/remind", reminding.remind_missing, name="remind_missing"),
    path("team/<int:pk>/<week:week>/", team.of_person, name="of_person"),
    path("team/<int:pk>/<week:week>/remind", team.remind, name="remind"),
    path("team/<int:pk>/absences/", absences.of_person, name="absences_of"),
    path("team/<int:pk>/absences/<int:absence_pk>/remove", absences.remove, name="remove_absence_of"),
    path("team/people/", people.people, name="people"),
    path("team/people/names", lookups.people_names, name="people_names"),
    path("team/people/add", team.add_person, name="add_person"),
    path("team/people/add-several", people.add_people, name="add_people"),
    path("team/people/<int:pk>/data.json", team.person_data, name="person_data"),
    path("team/people/<int:pk>", team.edit_person, name="person"),
    path("team/<int:pk>/<week:week>/reopen", team.reopen, name="reopen"),
    path("team/rates/", rates.of_all, name="all_rates"),
    path("team/<int:pk>/rates/", rates.of_person, name="rates"),
    path("team/<int:pk>/rates/<int:rate_pk>", rates.correct, name="rate"),
    path("team/<int:pk>/rates/<int:rate_pk>/delete", rates.delete, name="delete_rate"),
]
