"""Uploads of these tests go to a folder of their own; nothing waits between chunks."""

import pytest

from campaigns.imports import runner


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(runner, "THROTTLE_RATIO", 0)
