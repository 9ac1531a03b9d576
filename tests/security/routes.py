"""What each address answers to whom.

A new address needs one line in ROUTES: its name, who may, what a GET and an empty POST with the CSRF token answer to
those who may (405, the default: this method is not for this address), and `of`, the object in its path, by its name in
estate.py. Whoever is not signed in is sent to the sign-in, other roles get 403; only ANYONE says otherwise. A model in
the admin needs one line in ADMIN.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

ANYONE = ("nobody", "member", "manager", "director")
EVERYONE = ("member", "manager", "director")
STEERING = ("manager", "director")
DIRECTOR = ("director",)

# What an address of the admin may do to its rows. Nobody but a director gets there at all.
ALL, ONLY_LOOK = "add change delete", ""
ADMIN = {
    "campaigns_agency": "change",
    "campaigns_campaign": ALL,
    "campaigns_client": ALL,
    "campaigns_decision": ONLY_LOOK,
    "campaigns_exchangerate": ONLY_LOOK,
    "campaigns_importedrow": ONLY_LOOK,
    "campaigns_importrun": ONLY_LOOK,
    "campaigns_jobrun": ONLY_LOOK,
    "campaigns_lead": ALL,
    "campaigns_limittrial": ONLY_LOOK,
    "campaigns_outcome": ALL,
    "campaigns_outcomevalue": ALL,
    "campaigns_platform": ALL,
    "campaigns_rememberedmapping": ALL,
    "campaigns_retry": ONLY_LOOK,
    "campaigns_sale": ALL,
    "campaigns_spend": ALL,
    "campaigns_stalemark": ONLY_LOOK,
    "campaigns_statuschange": ONLY_LOOK,
    "campaigns_touch": "add delete",
    "campaigns_unrecordedperiod": ALL,
    "reports_campaignweek": ONLY_LOOK,
    "reports_comparison": ONLY_LOOK,
    "reports_credit": ONLY_LOOK,
    "reports_evaluation": ONLY_LOOK,
    "reports_flag": ONLY_LOOK,
    "reports_platformweek": ONLY_LOOK,
    "reports_subscriber": ALL,
    "reports_summarydelivery": ONLY_LOOK,
    "reports_verdict": ONLY_LOOK,
    "timesheets_costrate": ALL,
    "timesheets_personalias": ALL,
    "timesheets_timeentry": ALL,
    "timesheets_timesheet": ALL,
    "timesheets_user": ALL,
}


@dataclass(frozen=True)
class Route:
    """One address. `nobody`: what GET and POST answer without signing in, where ANYONE may."""

    name: str
    who: tuple[str, ...]
    get: int = 405
    post: int = 405
    of: str = ""
    nobody: tuple[int, int] | None = None
    theirs: Mapping[str, int] = field(default_factory=dict)  # by role: the answer for an object of somebody else
    checks_csrf: bool = True
    preflight: int = 405  # what OPTIONS answers to a page that is on no list

    @property
    def method(self) -> str:
        """The one to ask it with: GET where it has it."""
        return "POST" if self.get == 405 else "GET"

    @property
    def methods(self) -> list[str]:
        return [method for method, status in (("GET", self.get), ("POST", self.post)) if status != 405]

    def answer(self, role: str, method: str) -> int:
        """The status that this role gets for its own object."""
        if role not in self.who:
            return 302 if role == "nobody" else 403
        if role == "nobody" and self.nobody:
            return self.nobody[method != "GET"]
        return self.get if method == "GET" else self.post


# Files of others that may not be theirs to read: of a colleague, of a director.
OTHERS_FILES = {"member": 404, "manager": 404}

# Nobody sees what others have narrowed a list to, nor takes back what they did.
OTHERS_VIEWS = {"manager": 404, "director": 404}

ROUTES = [
    Route("health", ANYONE, get=200),
    Route("health_live", ANYONE, get=200),
    Route("health_ready", ANYONE, get=200),
    Route("metrics", ANYONE, get=404),  # as long as no token is set
    # -- what programs look for on every site
    Route("security_txt", ANYONE, get=200),
    Route("change_password", ANYONE, get=302),
    Route("robots_txt", ANYONE, get=200),
    Route("favicon", ANYONE, get=302),
    Route("manifest", ANYONE, get=200),
    # -- sign-in
    Route("account_login", ANYONE, get=302, post=302, nobody=(200, 200)),
    Route("account_logout", ANYONE, get=200, post=302, nobody=(302, 302)),
    Route("account_inactive", ANYONE, get=200),
    Route("account_signup", ANYONE, get=404, post=404),
    Route("account_reauthenticate", EVERYONE, get=200, post=200),
    Route("account_reauthenticate_elsewhere", EVERYONE, get=302),  # as long as there is no provider
    Route("account_email", ANYONE, get=404, post=404),
    Route("account_email_verification_sent", ANYONE, get=404, post=404),
    Route("account_change_password", EVERYONE, get=200, post=200),
    Route("account_set_password", EVERYONE, get=302, post=302),
    Route("account_reset_password", ANYONE, get=200, post=200),
    Route("account_reset_password_done", ANYONE, get=200),
    Route("account_reset_password_from_key", ANYONE, get=302, post=302, of="reset link"),
    Route("account_reset_password_from_key_done", ANYONE, get=200),
    Route("account_confirm_login_code", ANYONE, get=404, post=404),
    Route("account_confirm_email", ANYONE, get=404, post=404, of="e-mail key"),
    # -- second factors, passkeys and single sign-on; setting one up asks for the password again
    Route("mfa_index", EVERYONE, get=200),
    Route("mfa_authenticate", ANYONE, get=302, post=302),
    Route("mfa_reauthenticate", EVERYONE, get=302, post=302),
    Route("mfa_activate_totp", EVERYONE, get=302, post=302),
    Route("mfa_deactivate_totp", EVERYONE, get=404, post=404),
    Route("mfa_view_recovery_codes", EVERYONE, get=404),
    Route("mfa_generate_recovery_codes", EVERYONE, get=302, post=302),
    Route("mfa_download_recovery_codes", EVERYONE, get=404, post=404),
    Route("mfa_list_webauthn", EVERYONE, get=200),
    Route("mfa_add_webauthn", EVERYONE, get=302, post=302),
    Route("mfa_reauthenticate_webauthn", EVERYONE, get=302, post=302),
    Route("mfa_remove_webauthn", EVERYONE, get=302, post=302, of="passkey"),
    Route("mfa_edit_webauthn", EVERYONE, get=302, post=302, of="passkey"),
    Route("mfa_login_webauthn", ANYONE, get=302, post=302),
    Route("openid_connect_login", ANYONE, get=404, post=404, of="single sign-on"),
    Route("openid_connect_callback", ANYONE, get=404, post=404, of="single sign-on"),
    Route("timesheets:invitation", ANYONE, get=200, post=422, of="invitation link"),
    # -- the set-up of an empty installation, which this one is not any more
    Route("timesheets:setup", ANYONE, get=404, post=404),
    Route("timesheets:setup_agency", ANYONE, get=404, post=404),
    # -- hours
    Route("timesheets:this_week", EVERYONE, get=302),
    Route("timesheets:week", EVERYONE, get=200, of="week"),
    Route("timesheets:save_cell", EVERYONE, post=422, of="week"),
    Route("timesheets:add_row", EVERYONE, post=302, of="week"),
    Route("timesheets:remove_row", EVERYONE, post=400, of="week"),
    Route("timesheets:copy_rows", EVERYONE, post=302, of="week"),
    Route("timesheets:copy_hours", EVERYONE, post=302, of="week"),
    Route("timesheets:paste", EVERYONE, post=400, of="week"),
    Route("timesheets:pin_row", EVERYONE, post=422, of="week"),
    Route("timesheets:restore_row", EVERYONE, post=422, of="week"),
    Route("timesheets:start_timer", EVERYONE, post=302, of="week"),
    Route("timesheets:stop_timer", EVERYONE, post=400, of="week"),
    Route("timesheets:running", EVERYONE, get=200),
    Route("timesheets:stop_running", EVERYONE, post=400),
    Route("timesheets:settle_timer", EVERYONE, post=400, of="week"),
    Route("timesheets:submit", EVERYONE, post=302, of="week"),
    Route("timesheets:take_back", EVERYONE, post=302, of="week"),
    Route("timesheets:my_hours", EVERYONE, get=200),
    Route("timesheets:absences", EVERYONE, get=200, post=422),
    Route(
        "timesheets:remove_absence",
        EVERYONE,
        post=302,
        of="absence",
        theirs={"member": 404, "manager": 404, "director": 404},
    ),
    Route("timesheets:profile", EVERYONE, get=200, post=422),
    Route("timesheets:sessions", EVERYONE, get=200, post=302),
    Route("timesheets:tokens", EVERYONE, get=200),
    Route("timesheets:token_add", EVERYONE, get=200, post=422),
    Route("timesheets:token_revoke", EVERYONE, post=302, of="token", theirs={"member": 404, "manager": 404}),
    Route("timesheets:reminders_off", ANYONE, get=200, post=200, of="reminder link", checks_csrf=False),
    # -- the team
    Route("timesheets:team_hours", STEERING, get=200),
    Route("timesheets:team", STEERING, get=200),
    Route("timesheets:decide", STEERING, post=302, of="week"),
    Route("timesheets:remind_missing", STEERING, get=200, post=302, of="week"),
    Route("timesheets:of_person", STEERING, get=200, of="week of a person"),
    Route("timesheets:remind", STEERING, post=302, of="week of a person"),
    Route("timesheets:reopen", STEERING, post=302, of="week of a person"),
    Route("timesheets:absences_of", STEERING, get=200, post=422, of="person"),
    Route("timesheets:remove_absence_of", STEERING, post=302, of="absence of a person"),
    Route("timesheets:people", DIRECTOR, get=200),
    Route("timesheets:people_names", STEERING, get=200),
    Route("timesheets:add_person", DIRECTOR, get=200, post=422),
    Route("timesheets:add_people", DIRECTOR, get=200, post=422),
    Route("timesheets:person", DIRECTOR, get=200, post=422, of="person"),
    Route("timesheets:person_data", DIRECTOR, get=200, of="person"),
    Route("operations:erase_person", DIRECTOR, get=200, post=302, of="person"),
    Route("timesheets:all_tokens", DIRECTOR, get=200),
    Route("timesheets:service_token_add", DIRECTOR, get=200, post=422),
    Route("timesheets:all_rates", DIRECTOR, get=200, post=422),
    Route("timesheets:rates", DIRECTOR, get=200, post=422, of="person"),
    Route("timesheets:rate", DIRECTOR, get=200, post=422, of="rate"),
    Route("timesheets:delete_rate", DIRECTOR, get=200, post=302, of="rate"),
    # -- campaigns and what they bring
    Route("campaigns:campaigns", STEERING, get=200),
    Route("campaigns:campaign_add", STEERING, get=200, post=422),
    Route("campaigns:campaign", STEERING, get=200, of="campaign"),
    Route("campaigns:campaign_edit", STEERING, get=200, post=422, of="campaign"),
    Route("campaigns:clients", STEERING, get=200),
    Route("campaigns:client_add", STEERING, get=200, post=422),
    Route("campaigns:client", STEERING, get=200, of="client"),
    Route("campaigns:client_edit", STEERING, get=200, post=422, of="client"),
    Route("campaigns:platforms", STEERING, get=200),
    Route("campaigns:platform_add", STEERING, get=200, post=422),
    Route("campaigns:platform", STEERING, get=200, of="platform"),
    Route("campaigns:platform_edit", STEERING, get=200, post=422, of="platform"),
    Route("campaigns:platform_names", STEERING, get=200),
    Route("campaigns:platform_names_in_use", EVERYONE, get=200),
    Route("campaigns:campaign_names", STEERING, get=200),
    Route("campaigns:campaign_names_in_use", EVERYONE, get=200),
    Route("campaigns:client_names", STEERING, get=200),
    Route("campaigns:client_names_in_use", STEERING, get=200),
    Route("campaigns:measure_names", STEERING, get=200),
    Route("campaigns:leads", STEERING, get=200),
    Route("campaigns:leads_export", STEERING, get=200),
    Route("campaigns:touches_export", STEERING, get=200),
    Route("campaigns:leads_board", STEERING, get=200),
    Route("campaigns:leads_move", STEERING, post=302),
    Route("campaigns:leads_undo", STEERING, post=302, of="bulk change", theirs=OTHERS_VIEWS),
    Route("campaigns:lead_add", STEERING, get=200, post=422),
    Route("campaigns:lead_quick", STEERING, get=200, post=422),
    Route("campaigns:lead_options", STEERING, get=200),
    Route("campaigns:lead", STEERING, get=200, of="lead"),
    Route("campaigns:lead_edit", STEERING, get=200, post=422, of="lead"),
    Route("campaigns:lead_data", DIRECTOR, get=200, of="lead"),
    Route("campaigns:lead_erase", DIRECTOR, get=200, post=302, of="lead"),
    Route("campaigns:lead_merge", DIRECTOR, get=200, post=422, of="lead"),
    Route("campaigns:lead_split", DIRECTOR, post=404, of="lead"),
    Route("campaigns:lead_status", STEERING, post=422, of="lead"),
    Route("campaigns:touch_add", STEERING, post=422, of="lead"),
    Route("campaigns:lead_void", STEERING, get=200, post=302, of="lead"),
    Route("campaigns:lead_restore", STEERING, post=302, of="lead"),
    Route("campaigns:touch_void", STEERING, post=302, of="touch"),
    Route("campaigns:touch_restore", STEERING, post=302, of="touch"),
    Route("campaigns:sales", STEERING, get=200),
    Route("campaigns:sales_export", STEERING, get=200),
    Route("campaigns:sale_add", STEERING, get=200, post=422),
    Route("campaigns:sale", STEERING, get=200, of="sale"),
    Route("campaigns:sale_edit", STEERING, get=200, post=422, of="sale"),
    Route("campaigns:refund_add", STEERING, get=200, post=422, of="sale"),
    Route("campaigns:sale_void", STEERING, get=200, post=302, of="sale"),
    Route("campaigns:sale_restore", STEERING, post=302, of="sale"),
    Route("campaigns:spend", STEERING, get=200),
    Route("campaigns:spend_export", STEERING, get=200),
    Route("campaigns:spend_add", STEERING, get=200, post=422),
    Route("campaigns:spend_edit", STEERING, get=200, post=422, of="spend"),
    Route("campaigns:spend_void", STEERING, get=200, post=302, of="spend"),
    Route("campaigns:spend_restore", STEERING, post=302, of="spend"),
    Route("campaigns:exchange_rates", STEERING, get=200),
    Route("campaigns:exchange_rate_add", STEERING, get=200, post=422),
    Route("campaigns:exchange_rate_delete", STEERING, get=200, post=302, of="exchange rate"),
    Route("campaigns:webhooks", STEERING, get=200),
    Route("campaigns:webhook_add", STEERING, get=200, post=422),
    Route("campaigns:webhook", STEERING, get=200, of="webhook"),
    Route("campaigns:webhook_edit", STEERING, get=200, post=422, of="webhook"),
    Route("campaigns:webhook_rotate", STEERING, post=302, of="webhook"),
    Route("campaigns:webhook_test", STEERING, post=302, of="webhook"),
    Route("campaigns:webhook_remove", STEERING, get=200, post=302, of="webhook"),
    Route("campaigns:webhook_send_again", STEERING, post=302, of="webhook message"),
    Route("campaigns:outcomes", STEERING, get=200),
    Route("campaigns:outcome_add", STEERING, get=200, post=422),
    Route("campaigns:outcome_edit", STEERING, get=200, post=422, of="outcome"),
    Route("campaigns:outcome_void", STEERING, get=200, post=302, of="outcome"),
    Route("campaigns:outcome_restore", STEERING, post=302, of="outcome"),
    Route("campaigns:outcomes_export", STEERING, get=200),
    Route("campaigns:outcome_values", DIRECTOR, get=200),
    Route("campaigns:outcome_value_add", DIRECTOR, get=200, post=422),
    Route("campaigns:outcome_value", DIRECTOR, get=200, post=422, of="outcome value"),
    Route("campaigns:outcome_value_void", DIRECTOR, get=200, post=302, of="outcome value"),
    Route("campaigns:outcome_value_restore", DIRECTOR, post=302, of="outcome value"),
    # -- tracking links; the estate's leads to a host that is not allowed any more
    Route("campaigns:go", ANYONE, get=404, of="tracking link"),
    Route("campaigns:capture", ANYONE, post=415, of="form", checks_csrf=False, preflight=403),
    Route("campaigns:capture_keys", STEERING, get=200),
    Route("campaigns:capture_key_add", STEERING, get=200, post=422),
    Route("campaigns:capture_key", STEERING, get=200, post=422, of="form key"),
    Route("campaigns:capture_key_test", STEERING, post=302, of="form key"),
    Route("campaigns:capture_key_rotate", STEERING, post=302, of="form key"),
    Route("campaigns:capture_key_revoke", STEERING, post=302, of="form key"),
    Route("campaigns:quarantine", STEERING, get=200),
    Route("campaigns:quarantine_release", STEERING, post=302, of="spam"),
    Route("campaigns:quarantine_delete", STEERING, post=302, of="spam"),
    Route("campaigns:links", STEERING, get=200, of="campaign"),
    Route("campaigns:link_add", STEERING, get=200, post=422, of="campaign"),
    Route("campaigns:links_add", STEERING, get=200, post=422, of="campaign"),
    Route("campaigns:link", STEERING, get=200, post=422, of="link"),
    Route("campaigns:link_code", STEERING, get=200, of="link"),
    Route("campaigns:link_rules", DIRECTOR, get=200, post=302),
    Route("operations:security", DIRECTOR, get=200),
    # -- views of lists: each their own
    Route("campaigns:saved_views", STEERING, get=200),
    Route("campaigns:saved_view_add", STEERING, get=200, post=422, of="list"),
    Route("campaigns:saved_view", STEERING, get=302, of="saved view", theirs=OTHERS_VIEWS),
    Route("campaigns:saved_view_edit", STEERING, get=200, post=422, of="saved view", theirs=OTHERS_VIEWS),
    Route("campaigns:saved_view_delete", STEERING, post=302, of="saved view", theirs=OTHERS_VIEWS),
    Route("campaigns:settings", DIRECTOR, get=200, post=422),
    Route("campaigns:holidays", DIRECTOR, get=200, post=302),
    Route("campaigns:agency_day", DIRECTOR, post=422),
    Route("campaigns:agency_day_remove", DIRECTOR, post=302, of="agency day"),
    Route("campaigns:unrecorded_period_add", DIRECTOR, get=200, post=422),
    Route("campaigns:unrecorded_period", DIRECTOR, get=200, post=422, of="unrecorded period"),
    Route("campaigns:unrecorded_period_remove", DIRECTOR, post=302, of="unrecorded period"),
    Route("operations:leave_demo", DIRECTOR, get=404, post=404),  # this is no demo
    Route("campaigns:trial_email", DIRECTOR, post=302),
    # -- imports: members their own, managers those that no director brought, directors all
    Route("campaigns:imports", EVERYONE, get=200),
    Route("campaigns:import_add", EVERYONE, get=200, post=422),
    Route("campaigns:import_run", EVERYONE, get=200, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_progress", EVERYONE, get=200, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_answers", EVERYONE, post=302, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_start", EVERYONE, post=302, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_undo", EVERYONE, get=302, post=302, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_discard", EVERYONE, post=302, of="import", theirs=OTHERS_FILES),
    Route("campaigns:import_errors", EVERYONE, get=200, of="import", theirs=OTHERS_FILES),
    # -- figures
    Route("reports:dashboard", EVERYONE, get=302),
    Route("reports:freshness", DIRECTOR, get=200),
    Route("reports:figures_csv", DIRECTOR, get=200),
    Route("reports:figures_xlsx", DIRECTOR, get=200),
    Route("reports:explain", DIRECTOR, get=200),
    Route("reports:rows_csv", DIRECTOR, get=200),
    Route("reports:rows_xlsx", DIRECTOR, get=200),
    Route("reports:platform", DIRECTOR, get=200, of="platform"),
    Route("reports:own_campaigns", EVERYONE, get=200),
    Route("reports:decisions", STEERING, get=200),
    Route("reports:decision_add", DIRECTOR, get=200, post=422),
    Route("reports:decision_withdraw", DIRECTOR, post=302, of="decision"),
    Route("reports:limit_trials", DIRECTOR, get=200),
    Route("reports:limit_trial_add", DIRECTOR, get=200, post=422, of="platform"),
    Route("reports:limit_trial", DIRECTOR, get=200, of="trial"),
    Route("reports:limit_trial_end", DIRECTOR, post=302, of="trial"),
    Route("operations:merge_platform", DIRECTOR, get=200, post=422, of="platform"),
    Route("reports:platform_figures", STEERING, get=200, of="platform"),
    Route("reports:campaign_figures", STEERING, get=200, of="campaign"),
    Route("reports:campaign_budgets", STEERING, get=200, of="campaign"),
    Route("reports:campaign_comparison", STEERING, get=200, of="campaign"),
    Route("reports:beyond", DIRECTOR, get=200),
    Route("reports:beyond_csv", DIRECTOR, get=200, of="table beyond sales"),
    Route("reports:behind", DIRECTOR, get=200, of="figure beyond sales"),
    Route("reports:behind_csv", DIRECTOR, get=200, of="figure beyond sales"),
    Route("operations:jobs", DIRECTOR, get=200),
    Route("operations:confirm_hold", DIRECTOR, post=302, of="hold"),
    Route("operations:retry_job", DIRECTOR, post=302, of="job"),
    Route("operations:retry_import", DIRECTOR, post=302, of="import"),
    Route("operations:retry_reminder", DIRECTOR, post=302, of="reminder"),
    Route("reports:search", STEERING, get=200),
    Route("reports:glossary", EVERYONE, get=200),
    Route("reports:flags", STEERING, get=200),
    Route("reports:acknowledge", DIRECTOR, post=302, of="flag"),
    Route("reports:snooze", DIRECTOR, post=302, of="flag"),
    Route("reports:undo_flag", DIRECTOR, post=302, of="flag"),
    # -- the weekly e-mail
    Route("reports:summaries", DIRECTOR, get=200),
    Route("reports:summary_sent", DIRECTOR, get=200, of="letter"),
    Route("reports:summary_sent_email", DIRECTOR, get=200, of="letter"),
    Route("reports:summary_resend", DIRECTOR, get=302, post=302, of="letter"),
    Route("reports:subscribers", DIRECTOR, get=200, post=422),
    Route("reports:subscriber_remove", DIRECTOR, post=302, of="subscriber"),
    Route("reports:unsubscribe", ANYONE, get=200, post=200, of="unsubscribe link", checks_csrf=False),
    Route("reports:summary_preview", DIRECTOR, get=200, of="summary"),
    Route("reports:summary_preview_email", DIRECTOR, get=200, of="summary"),
    # -- the admin's own pages
    Route("admin:index", DIRECTOR, get=200, post=200),
    Route("admin:login", ANYONE, get=302, post=302),
    Route("admin:logout", DIRECTOR, post=200),
    Route("admin:password_change", DIRECTOR, get=302, post=302),
    Route("admin:password_change_done", DIRECTOR, get=200),
    Route("admin:autocomplete", DIRECTOR, get=403),  # it wants to know for which field
    Route("admin:jsi18n", DIRECTOR, get=200),
]

# Addresses of programs, who sign in with a token: tests/api/addresses.py says what each answers to whom.
API = "api-v1:"
API_NOWHERE = "api_nowhere"

BY_NAME = {route.name: route for route in ROUTES}
# Addresses of the admin that only lead on, and take arguments of their own: guarded like the others, see the tests.
# Pages of django-allauth, which have their own ways with methods and with what is not there.
ALLAUTH = ("account_", "mfa_", "openid_connect_")
ADMIN_OTHERS = {"admin:view_on_site", "admin:app_list", "admin:auth_user_password_change", "admin:"}


def installed(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The full name of every address that the site has for people."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name or ''}"
            if name != API_NOWHERE and not name.startswith(API):
                yield name
        else:
            yield from installed(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def is_of_a_model(name: str) -> bool:
    """Whether this is one of the admin's addresses of a model: list, add, change, delete, history."""
    return name.startswith("admin:") and name.removeprefix("admin:").rpartition("_")[0].removesuffix("_simple") in ADMIN
