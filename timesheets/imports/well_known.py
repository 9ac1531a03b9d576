"""What everybody calls a platform, known here or not: it tells which column of a file names platforms."""

from campaigns.models.catalogue import normalise

WELL_KNOWN = frozenset(
    """facebook fb instagram insta ig linkedin twitter x pinterest tiktok youtube snapchat reddit threads bluesky
    mastodon newsletter seo sea google whatsapp telegram xing""".split()  # noqa: SIM905  (a list this long reads worse)
) | {"x / twitter", "google ads", "e-mailing"}


def is_well_known(text: str) -> bool:
    """Whether everybody calls a platform so, known here or not."""
    return normalise(text).removesuffix(".com") in WELL_KNOWN
