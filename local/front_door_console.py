"""The console's files, with the headers and the settings that a deployment gives them.

`web/hosting.json` says how the console is served, to this front door and to CloudFront alike: which
paths are its pages, and the headers. Here, only the Omise origins in the Content-Security-Policy
differ, and `config.json` names the Omise-compatible server in use.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from yarl import URL

CONFIG_PATH = "/config.json"
NOTHING_BUILT = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Credit Engine</title>
<h1>Credit Engine</h1>
<p>The API is below <a href="/v1/health">/v1</a>, its reference is at <a href="/docs">/docs</a>.</p>
"""


@dataclass(frozen=True)
class OmiseInBrowser:
    """What a browser needs of an Omise account.

    Parameters
    ----------
    js_url
        Where omise.js is.
    public_key
        The account's public key.
    api_url, vault_url
        Base URLs; QR codes come from the first.
    """

    js_url: str
    public_key: str
    api_url: str
    vault_url: str

    @property
    def origins(self) -> dict[str, str]:
        """The origins that the Content-Security-Policy lets in, by placeholder."""
        urls = {"omise_js": self.js_url, "omise_api": self.api_url, "omise_vault": self.vault_url}
        return {name: str(URL(url).origin()) for name, url in urls.items()}


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
    """

    pages: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    cache_control: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path, omise: OmiseInBrowser) -> "Hosting":
        """Read `hosting.json`; a checkout without a console serves nothing special.

        Parameters
        ----------
        file
            The file, which may be missing.
        omise
            Whose origins take the place of Omise's own.
        """
        if not file.is_file():
            return cls()
        given = json.loads(file.read_text(encoding="utf-8"))
        policy = _policy(given["content_security_policy"], given["origins"] | omise.origins)
        return cls(
            pages=frozenset(given["pages"]),
            headers={"Content-Security-Policy": policy, **given["headers"]},
            cache_control=given["cache_control"],
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


@dataclass(frozen=True)
class Console:
    """What the front door serves beside the API.

    Parameters
    ----------
    folder
        The built files, which may be missing.
    omise
        What the console is told about Omise, in `config.json`.
    hosting
        Pages and headers.
    """

    folder: Path
    omise: OmiseInBrowser
    hosting: Hosting

    def answer(self, path: str) -> web.StreamResponse | None:
        """Answer a GET or HEAD.

        Parameters
        ----------
        path
            The decoded path of the URL.

        Returns
        -------
        aiohttp.web.StreamResponse or None
            None if there is nothing at this path.
        """
        if path == CONFIG_PATH:
            return self._config()
        file = find_file(self.folder, "/" if self.hosting.is_page(path) else path)
        if file:
            headers = {"X-Content-Type-Options": "nosniff", **self.hosting.headers_of(path)}
            return web.FileResponse(file, headers=headers)
        if path == "/":
            return web.Response(text=NOTHING_BUILT, content_type="text/html", status=HTTPStatus.OK)
        return None

    def _config(self) -> web.Response:
        settings = {f"omise_{name}": value for name, value in asdict(self.omise).items()}
        told = {name: settings[name] for name in ("omise_js_url", "omise_public_key")}
        return web.json_response(told, headers={"Cache-Control": "no-store"})


def find_file(folder: Path, path: str) -> Path | None:
    """Find what a URL's path stands for.

    Parameters
    ----------
    folder
        The only folder to look in.
    path
        The decoded path of a URL; one that ends with a slash stands for its `index.html`.

    Returns
    -------
    Path or None
        A file inside `folder`, whatever dots, links or bytes the path holds; None without one.
    """
    if "\0" in path:
        return None
    name = f"{path}index.html" if path.endswith("/") else path
    root = folder.resolve()
    file = (root / name.lstrip("/")).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None
