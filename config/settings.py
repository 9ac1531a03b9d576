"""Every setting, read from the environment. `.env.example` explains each variable.

Three ways to run: production (the default), where a secret, hosts, PostgreSQL and Redis must be named; small production
(`SMALL=true`, what `retour serve` sets), the same with SQLite and a queue made of files; and embedded (`EMBEDDED=true`,
what `make run` sets), where nothing needs to be named and e-mails are files.
"""

import contextlib
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import single_sign_on
from config.environment import BASE_DIR, IS_CLONE, SUPERVISOR_LOCK, VAR, env, required  # noqa: F401  (settings, too)

# When this process began; of gunicorn the one that starts the others, which read these settings from it.
STARTED_AT = datetime.now(UTC)
EMBEDDED = env.bool("EMBEDDED", default=False)
SMALL = env.bool("SMALL", default=False)
DEBUG = env.bool("DEBUG", default=False)
TESTING = "pytest" in sys.modules

# -- what must be set -------------------------------------------------------------------------------------------------

SECRET_KEY = required(
    "SECRET_KEY",
    "Set SECRET_KEY to a long random value, for instance the output of: "
    'python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
)
if len(SECRET_KEY) < 32 and not DEBUG:
    raise ImproperlyConfigured("SECRET_KEY is too short to be safe. Set SECRET_KEY to at least 32 random characters.")
# Earlier ones, while links and second factors of their time are to be read still (docs/accounts.md).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Where `retour serve` and `make run` listen; gunicorn alone takes PORT by itself.
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)

with contextlib.suppress(OSError):  # beat keeps its schedule there; where nothing may be made, it is a volume
    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
if EMBEDDED or SMALL:
    DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR / 'retour.sqlite3'}"
    BROKER_URL = env.str("BROKER_URL", default="") or "filesystem://localhost"
else:
    DATABASE_URL = required("DATABASE_URL", "Set DATABASE_URL, for instance postgres://retour:PASSWORD@db:5432/retour")
    BROKER_URL = required("BROKER_URL", "Set BROKER_URL, for instance redis://redis:6379/0")
if EMBEDDED:
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
    SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}")
    EMAIL_URL = env.str("EMAIL_URL", default="filemail:")
else:
    SITE_URL = required("SITE_URL", "Set SITE_URL to the address people type, for instance https://retour.example.com")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname] if SMALL else [])
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is empty. Set ALLOWED_HOSTS to your host name: retour.example.com")
    EMAIL_URL = env.str("EMAIL_URL", default="")  # may be set later: until then links to join are shown
SITE_URL = SITE_URL.rstrip("/")
HTTPS = SITE_URL.startswith("https://")

# -- the app ----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "core",
    "campaigns",
    "timesheets",
    "reports",
    "operations",
    "config.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "ninja",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.in_one_stack",
    "config.middleware.numbered",
    "config.middleware.kept_nowhere",
    "config.middleware.without_cookies",
    "core.api.gate.speak_json",
    "config.middleware.with_content_policy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.readable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "timesheets.sign_in.AuthenticationMiddleware",
    "timesheets.api_tokens.read_token",
    "timesheets.sessions.keep_alive",
    "timesheets.middleware.localise",
    "core.access.log_refusals",
    "campaigns.refusals.record_refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "timesheets.second_factor.require",
    "simple_history.middleware.HistoryRequestMiddleware",
    "config.middleware.asked_again",
    "campaigns.api.idempotency.answer_once",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "timesheets.middleware.agency_context",
            ],
            "builtins": ["core.templatetags.constant", "core.templatetags.retour"],
        },
    },
]

# -- data -------------------------------------------------------------------------------------------------------------

# SQLite too is kept open: to open its file, a save would read its schema and have the folder written to the disk.
DATABASES = {"default": env.db_url_config(DATABASE_URL) | {"CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600)}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock at its start, so that it waits instead of failing.
    # FULL: what was answered, and that a letter is being sent, outlive a cut of the power too, not only a kill.
    # secure_delete: what is erased is overwritten in the file, not only forgotten.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)  # seconds; a monitor is waiting
    # Of a connection that is kept, how often PostgreSQL plans what is to be planned once (core/statements.py).
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5 if DATABASES["default"]["CONN_MAX_AGE"] else None
    DATABASES["default"] |= {"ENGINE": "core.postgresql", "CONN_HEALTH_CHECKS": True}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_DATE_INDEX = False  # versions are asked for by what they are of

# How often something was tried is counted here, for all processes together: beside the queue unless told otherwise.
CACHE_URL = env.str("CACHE_URL", default="") or (BROKER_URL if BROKER_URL.startswith("redis") else "locmemcache://")
if CACHE_URL.startswith("redis"):
    CACHES = {"default": {**env.cache_url_config(CACHE_URL), "BACKEND": "config.cache.RedisOrMemory"}}
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 2, "socket_timeout": 2}  # seconds; somebody signs in
else:
    CACHES = {"default": env.cache_url_config(CACHE_URL)}

MEDIA_ROOT = Path(env.str("UPLOADS_DIR", default=str(VAR / "uploads")))
# Which leads were erased, beside the database: needed after a restore (docs/accounts.md).
ERASURES_FILE = Path(env.str("ERASURES_FILE", default=str(VAR / "erasures.jsonl")))
# Where backups by schedule and those before an upgrade go, and what takes them further (docs/backup.md).
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR / "backups")))
BACKUP_NIGHTLY = env.bool("BACKUP_NIGHTLY", default=not EMBEDDED)
BACKUP_HOOK = env.str("BACKUP_HOOK", default="")
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# -- people and sign-in -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "timesheets.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "timesheets.sign_in.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "timesheets.password_strength.GuessablePasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # the subjects say what they are; a host name in front of them would not
ACCOUNT_EMAIL_VERIFICATION = "none"  # a director adds people; there is no open sign-up to verify
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody gets e-mail from here because a stranger typed their address
ACCOUNT_ADAPTER = "timesheets.allauth_adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "timesheets.forms.SignInForm", "reset_password": "timesheets.forms.ForgottenPasswordForm"}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # each change to how somebody gets in is told to them: timesheets/account_emails.py
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds; core/identity.py says what for
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds; invitations live longer: timesheets/invitations.py

# How many reverse proxies stand in front, so that the visitor's address is read from where the last of them wrote it.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if HTTPS else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",  # an office behind one address signs in on Monday at nine
    "reset_password": "20/m/ip,5/h/key",
}
EXPORTS_AN_HOUR = env.int("EXPORTS_AN_HOUR", default=60)  # of one person
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=600)  # with one token
# Wrong passwords are counted per person *and* network (docs/adr/0012): nobody is locked out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "timesheets.sign_in.address_tried"
AXES_CLIENT_IP_CALLABLE = "timesheets.sign_in.network_of"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "email"]
AXES_DISABLE_ACCESS_LOG = True  # who signed in when is nobody's business; only failures count
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

MFA_ADAPTER = "timesheets.allauth_adapter.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "timesheets.forms.PasskeyForm",
    "activate_totp": "timesheets.code_forms.ActivationForm",
    "authenticate": "timesheets.code_forms.CodeForm",
    "reauthenticate": "timesheets.code_forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a director typed the address, and an e-mail to it was answered
MFA_TOTP_ISSUER = "Retour"
MFA_TOTP_TOLERANCE = 1  # half a minute: the clocks of phones differ
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Single sign-on, when an OpenID Connect provider is named.
SOCIALACCOUNT_ADAPTER = "timesheets.allauth_adapter.SingleSignOnAdapter"
OIDC_APPS, OIDC_ORIGINS = single_sign_on.apps_and_origins(env, required)
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": OIDC_APPS}}

# -- language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # storage; the agency's own zone is a setting in the database

# -- static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = None if EMBEDDED or DEBUG else (BASE_DIR if IS_CLONE else VAR) / "staticfiles"  # else where they are
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED or DEBUG
# Files whose name changes with what is in them: by a hash, or the script for pages of other sites by its number.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{12}\.|/capture/origin-[0-9]+\.js$"

# -- e-mail -----------------------------------------------------------------------------------------------------------

if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "core.smtp.NotSetUp"
# Whether what is sent leaves this machine; files and a console are for trying out.
EMAIL_IS_SET_UP = EMAIL_URL.startswith(("smtp", "memorymail"))
if EMAIL_URL.startswith("filemail"):
    EMAIL_FILE_PATH = str(VAR / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Retour <retour@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- security ---------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Browsers also hold the redirect after a form against this: signing in leads on to the provider.
        "form-action": [SELF, *OIDC_ORIGINS],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "timesheets.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30  # seconds, however much somebody works
SESSION_IDLE = timedelta(hours=env.float("SESSION_IDLE_HOURS", default=72))  # a weekend; nothing: as long as above
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # whatever host was asked for
    SECURE_REDIRECT_EXEMPT = [r"^health(/live|/ready)?$"]  # asked from inside, without a proxy
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    # They bind every site of the agency's domain, for a year and in browsers' own lists: only who asks for it.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
    if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
        raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true: browsers list whole domains.")

# -- jobs -------------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 280
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
if BROKER_URL.startswith("filesystem"):
    BROKER_DIR = Path(env.str("BROKER_DIR", default=str(VAR / "broker")))
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # One folder for in and out: the worker reads what the web process writes.
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
    }
    for folder in ("queue", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,  # well above the task's time limit: a slow task is never given out twice
        "unacked_restore_interval": 10,  # a dead worker's task is given out again within seconds
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
    }

# -- webhooks ---------------------------------------------------------------------------------------------------------

WEBHOOK_PRIVATE_HOSTS = env.list("WEBHOOK_PRIVATE_HOSTS", default=[])

# -- monitors ---------------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")

# -- log --------------------------------------------------------------------------------------------------------------

# In production one JSON object a line; core/logs.py says what is in it and what never is.
logging.captureWarnings(not EMBEDDED and not DEBUG)
SERVER_LOG_LEVEL = "WARNING" if EMBEDDED else "INFO"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "core.logs.PlainLines" if EMBEDDED or DEBUG else "core.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # what was refused has its line among the requests
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # and anybody could fill the log with these
        "django.server": {"handlers": [], "propagate": True},
        "retour.requests": {"level": SERVER_LOG_LEVEL},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains and in browsers' lists: for the agency to decide, above
    "security.W021",
    "axes.W002",  # no middleware of its own: the sign-in form says how long to wait, and keeps what was typed
]
