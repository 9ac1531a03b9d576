"""What a browser calls itself, in the two words by which people tell theirs apart."""

from django.utils.translation import gettext as _

# The first that stands in the User-Agent header: most of them also name those below.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def name_of(user_agent: str) -> list[str]:
    """`["Firefox", "Windows"]`; an empty word for what is not known."""
    return [_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)]


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for part, name in names.items() if part in user_agent), "")


def in_words(name: list[str]) -> str:
    """A browser of `name_of` in the reader's language."""
    browser, system = name
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser that does not say which")
