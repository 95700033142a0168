"""How the console is served, as `web/hosting.json` says it to CloudFront and the local front door.

Which paths are pages, the headers, the Content-Security-Policy, and how long files are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HOSTING_FILE: Final = Path(__file__).parent.parent / "web/hosting.json"
POLICY_HEADER: Final = "Content-Security-Policy"


@dataclass(frozen=True)
class Hosting:
    """How the console is served.

    Parameters
    ----------
    pages
        First segments of the paths that `index.html` answers for, beside the root.
    headers
        Headers of every file.
    cache_control
        `Cache-Control` by the beginning of a file's path, without its first slash; the first that
        fits decides.
    omise_js_origin
        Where omise.js comes from.
    """

    pages: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    cache_control: Mapping[str, str] = field(default_factory=dict)
    omise_js_origin: str = ""

    @classmethod
    def read(cls, file: Path = HOSTING_FILE, origins: Mapping[str, str] | None = None) -> Hosting:
        """Read `hosting.json`; a checkout without a console serves nothing special.

        Parameters
        ----------
        file
            The file, which may be missing.
        origins
            What takes the place of Omise's own origins, by placeholder.
        """
        if not file.is_file():
            return cls()
        given = json.loads(file.read_text(encoding="utf-8"))
        filled = {**given["origins"], **(origins or {})}
        policy = _policy(given["content_security_policy"], filled)
        return cls(
            pages=frozenset(given["pages"]),
            headers={POLICY_HEADER: policy, **given["headers"]},
            cache_control=given["cache_control"],
            omise_js_origin=filled["omise_js"],
        )

    def headers_of(self, path: str) -> dict[str, str]:
        """Return the headers of the file at a URL's path."""
        fitting = (
            value
            for start, value in self.cache_control.items()
            if path.lstrip("/").startswith(start)
        )
        return {**self.headers, "Cache-Control": next(fitting, "no-cache")}

    def is_page(self, path: str) -> bool:
        """Tell whether a path is one of the console's own pages."""
        first = path.removeprefix("/").partition("/")[0]
        return path == "/" or (first in self.pages and "." not in path)


def _policy(directives: Mapping[str, list[str]], origins: Mapping[str, str]) -> str:
    """Write a Content-Security-Policy; an origin that comes twice is named once."""
    filled = {
        name: dict.fromkeys(source.format_map(origins) for source in sources)
        for name, sources in directives.items()
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in filled.items())
