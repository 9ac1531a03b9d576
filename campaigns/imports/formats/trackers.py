"""The exports of time trackers: hours. Pure."""

from campaigns.imports.files.header_translations import in_every_language
from campaigns.imports.formats.file_format import FileFormat

TOGGL = FileFormat(
    key="toggl",
    kind="hours",
    label="Toggl Track",
    columns=in_every_language(
        {
            "email": ("Email",),
            "name": ("User", "Member"),
            "day": ("Start date",),
            "start_time": ("Start time",),
            "end_day": ("End date", "Stop date"),
            "end_time": ("End time", "Stop time"),
            "duration": ("Duration",),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task",),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    # Whose hours they are is left out of a report about oneself.
    needs=("day", "duration", "project"),
    needs_any=("name", "start_time"),
    many={"tags": ","},
)

CLOCKIFY = FileFormat(
    key="clockify",
    kind="hours",
    label="Clockify",
    columns=in_every_language(
        {
            "email": ("Email",),
            "name": ("User",),
            "day": ("Start Date",),
            "start_time": ("Start Time",),
            "end_day": ("End Date",),
            "end_time": ("End Time",),
            "duration": ("Duration (h)", "Duration (decimal)"),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task", "Activity"),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    needs=("name", "day", "duration", "project"),
    many={"tags": ","},
)

HARVEST = FileFormat(
    key="harvest",
    kind="hours",
    label="Harvest",
    columns=in_every_language(
        {
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "day": ("Date",),
            # The hours that were logged, not those that are invoiced.
            "duration": ("Hours",),
            "client": ("Client",),
            "project": ("Project",),
            "task": ("Task",),
            "note": ("Notes",),
        }
    ),
    needs=("first_name", "last_name", "day", "duration", "project"),
)

KIMAI = FileFormat(
    key="kimai",
    kind="hours",
    label="Kimai",
    columns=in_every_language(
        {
            "email": ("E-mail", "Email"),
            "name": ("Name", "User", "Username"),
            "user": ("User", "Username"),
            "day": ("Date",),
            "start_time": ("From", "Begin"),
            "end_time": ("To", "End"),
            "duration": ("Duration",),
            "client": ("Customer",),
            "project": ("Project",),
            "task": ("Activity",),
            "tags": ("Tags",),
            "note": ("Description",),
        }
    ),
    needs=("name", "day", "duration", "client", "project", "task"),
    many={"tags": ","},
)

SOLIDTIME = FileFormat(
    key="solidtime",
    kind="hours",
    label="solidtime",
    columns={
        "name": ("User",),
        "day": ("Start",),
        "start_time": ("Start",),
        "end_time": ("End",),
        "duration": ("Duration", "Duration (decimal)"),
        "client": ("Client",),
        "project": ("Project",),
        "task": ("Task",),
        "tags": ("Tags",),
        "note": ("Description",),
    },
    needs=("name", "day", "end_time", "duration", "project"),
    many={"tags": ","},
)

# Jira itself, its reports of work and Tempo, each by its own names.
JIRA = FileFormat(
    key="jira",
    kind="hours",
    label="Jira worklogs",
    columns={
        "external_id": ("Worklog ID", "worklog_id", "Tempo Worklog ID", "Tempo Worklog Id"),
        "email": ("Author email", "User email", "Email"),
        "name": ("Full name", "Author", "Display name", "User", "Worker", "author", "Author display name"),
        "user": ("Username", "User name"),
        "day": ("Work date", "Work Date", "Started", "Start date", "Date started", "Started at", "Date"),
        "start_time": ("Start time", "Started", "Started at", "Work date"),
        "duration": (
            "timeSpentSeconds",
            "Time spent (seconds)",
            "time_spent_seconds",
            "Time spent (s)",
            "Hours",
            "Time spent (h)",
            "Time spent (hours)",
            "Logged hours",
            "Time spent",
            "time_spent",
        ),
        "client": ("Account customer", "Customer"),
        "project": ("Project name", "Project", "Project key"),
        "task": ("Issue summary", "Summary", "Issue key", "issue_key", "Key"),
        "tags": ("Labels", "Component", "Components"),
        "note": ("Work description", "Worklog description", "Comment", "Worklog comment"),
    },
    needs=("day", "duration"),
    needs_any=("name", "user", "email"),
    marks=("Issue key", "issue_key", "Issue id", "Worklog ID", "worklog_id"),
    many={"tags": ","},
)

FORMATS = (TOGGL, CLOCKIFY, HARVEST, KIMAI, SOLIDTIME, JIRA)
