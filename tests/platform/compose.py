"""Reads docker-compose.yml.

The file keeps to a small part of YAML so that no library is needed to test it: mappings by indentation, lists as JSON
on one line, one `&anchor` for a whole mapping and `<<: *anchor`. What this does not understand, it refuses.
"""

import json
import re
from pathlib import Path
from typing import Any

Mapping = dict[str, Any]
LINE = re.compile(r"(?P<indent> *)(?P<key>[\w<.-]+):(?: (?P<value>.+))?")


def read(path: Path) -> Mapping:
    """Return the file as nested dictionaries."""
    anchors: dict[str, Mapping] = {}
    root: Mapping = {}
    open_mappings = [(-1, root)]  # (indentation, mapping), outermost first
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, f"{path.name}, line {number}: {line!r} is more YAML than this reads"
        indent, key, text = len(match["indent"]), match["key"], match["value"] or ""
        while open_mappings[-1][0] >= indent:
            open_mappings.pop()
        parent = open_mappings[-1][1]
        if key == "<<":
            parent.update(anchors[text.removeprefix("*")])
        elif text == "" or text.startswith("&"):
            parent[key] = {}
            open_mappings.append((indent, parent[key]))
            anchors[text.removeprefix("&")] = parent[key]
        else:
            parent[key] = json.loads(text) if text[0] in '["' else text
    return root
