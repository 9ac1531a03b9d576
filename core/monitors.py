"""The addresses that machines ask. They answer while the database does not, and log only what is wrong."""

ADDRESSES = ("/health", "/health/live", "/health/ready", "/metrics")


def is_asked_by_monitors(path: str) -> bool:
    return path.rstrip("/") in ADDRESSES
