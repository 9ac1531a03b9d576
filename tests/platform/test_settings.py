"""The settings, read by a process of their own as a start does."""

import shutil
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "long-enough-and-not-an-example-0123456789",
    "DATABASE_URL": "postgres://retour:retour@db/retour",
    "BROKER_URL": "redis://redis:6379/0",
    "SITE_URL": "https://retour.example.com",
    "ALLOWED_HOSTS": "retour.example.com",
    "EMAIL_URL": "smtp://mail:25",
    "EMBEDDED": "false",
}
SHOW = "from config import settings; print({})"


def read_settings(environment: dict[str, str], show: str = "'started'") -> subprocess.CompletedProcess[str]:
    """Read the settings with this environment and nothing else, and print the expression."""
    command = [sys.executable, "-c", SHOW.format(show)]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_production_starts_when_everything_is_set():
    assert read_settings(PRODUCTION).stdout == "started\n"


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name not in ("EMBEDDED", "EMAIL_URL")])
def test_a_missing_variable_stops_the_start_with_a_sentence_that_names_it_and_says_what_to_set(name):
    # Empty rather than absent: a .env of this machine must not fill it in.
    result = read_settings({**PRODUCTION, name: ""})
    assert result.returncode != 0
    assert f"{name} is" in last_line(result.stderr)
    assert f"Set {name} to " in last_line(result.stderr) or f"Set {name}, for instance " in last_line(result.stderr)


def test_e_mail_may_be_set_up_later_and_until_then_fails_instead_of_vanishing():
    show = "[settings.EMAIL_IS_SET_UP, settings.EMAIL_BACKEND]"
    assert read_settings(PRODUCTION, show).stdout == "[True, 'django.core.mail.backends.smtp.EmailBackend']\n"
    assert read_settings({**PRODUCTION, "EMAIL_URL": ""}, show).stdout == "[False, 'core.smtp.NotSetUp']\n"


@pytest.mark.parametrize("secret", ["change-me", "secret", "too-short"])
def test_an_example_secret_or_a_short_one_stops_the_start(secret):
    result = read_settings({**PRODUCTION, "SECRET_KEY": secret})
    assert result.returncode != 0
    assert "Set SECRET_KEY to " in last_line(result.stderr)


def test_https_makes_cookies_secure_and_redirects_all_but_the_health_pages():
    show = "[settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT]"
    assert read_settings(PRODUCTION, show).stdout == "[True, True, True]\n"
    assert read_settings(PRODUCTION, "settings.SECURE_REDIRECT_EXEMPT").stdout == "['^health(/live|/ready)?$']\n"


def test_a_redirect_to_https_leads_to_our_own_host_whatever_was_asked_for():
    assert read_settings(PRODUCTION, "settings.SECURE_SSL_HOST").stdout == "retour.example.com\n"


def test_passwords_are_hashed_by_argon2_and_by_nothing_weaker_first():
    assert (
        read_settings(PRODUCTION, "settings.PASSWORD_HASHERS[0].rpartition('.')[2]").stdout == "Argon2PasswordHasher\n"
    )


def test_a_session_cookie_is_no_script_s_and_a_reset_link_lives_an_hour_at_most():
    show = "[settings.SESSION_COOKIE_HTTPONLY, settings.PASSWORD_RESET_TIMEOUT <= 3600]"
    assert read_settings(PRODUCTION, show).stdout == "[True, True]\n"


def test_an_earlier_secret_is_remembered_only_when_it_is_named():
    assert read_settings(PRODUCTION, "settings.SECRET_KEY_FALLBACKS").stdout == "[]\n"
    named = {**PRODUCTION, "SECRET_KEY_FALLBACKS": "the-one-before"}
    assert read_settings(named, "settings.SECRET_KEY_FALLBACKS").stdout == "['the-one-before']\n"


def test_one_proxy_is_assumed_behind_https_and_none_without_unless_told():
    show = "[settings.ALLAUTH_TRUSTED_PROXY_COUNT]"
    embedded = {"EMBEDDED": "true", "SECRET_KEY": PRODUCTION["SECRET_KEY"]}
    assert read_settings(PRODUCTION, show).stdout == "[1]\n"
    assert read_settings(embedded, show).stdout == "[0]\n"
    assert read_settings({**PRODUCTION, "TRUSTED_PROXIES": "2"}, show).stdout == "[2]\n"


def test_tries_are_counted_for_all_processes_together():
    show = "[settings.CACHES['default'][name] for name in ('BACKEND', 'LOCATION')]"
    assert read_settings(PRODUCTION, show).stdout == "['config.cache.RedisOrMemory', 'redis://redis:6379/0']\n"
    elsewhere = {**PRODUCTION, "CACHE_URL": "redis://cache:6379/1"}
    assert read_settings(elsewhere, show).stdout == "['config.cache.RedisOrMemory', 'redis://cache:6379/1']\n"


def test_an_embedded_start_needs_nothing_but_a_secret():
    environment = {"EMBEDDED": "true", "SECRET_KEY": PRODUCTION["SECRET_KEY"]}
    assert read_settings(environment, "settings.BROKER_URL").stdout == "filesystem://localhost\n"


def test_sqlite_takes_its_lock_at_the_start_of_a_transaction():
    environment = {"EMBEDDED": "true", "SECRET_KEY": PRODUCTION["SECRET_KEY"]}
    show = "settings.DATABASES['default']['OPTIONS']['transaction_mode']"
    assert read_settings(environment, show).stdout == "IMMEDIATE\n"


def test_the_folder_that_beat_writes_to_is_there_in_a_fresh_clone(tmp_path):
    for name in ("config", "core"):
        shutil.copytree(settings.BASE_DIR / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "manage.py").touch()
    command = [sys.executable, "-c", SHOW.format("'started'")]
    result = subprocess.run(command, cwd=tmp_path, env=PRODUCTION, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "var").is_dir()
