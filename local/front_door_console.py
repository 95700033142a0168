"""The console's files, with the headers and the settings that a deployment gives them.

`infra.hosting` says how the console is served, to this front door and to CloudFront alike: which
paths are its pages, and the headers. Here, only the Omise origins in the Content-Security-Policy
differ, and `config.json` names the Omise-compatible server in use.
"""

from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from yarl import URL

from infra.hosting import Hosting

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
