"""Build the console, when its sources changed."""

import subprocess

from local.fingerprint import Stamp, fingerprint
from local.layout import Layout
from local.steps import StackError

INPUTS = (
    "package-lock.json",
    "web/index.html",
    "web/package.json",
    "web/public",
    "web/src",
    "web/tsconfig.json",
    "web/vite.config.ts",
)
TIMEOUT_SECONDS = 120


def build_console(layout: Layout) -> bool:
    """Bring `web/dist` up to date; a checkout without a console has nothing to build.

    Returns
    -------
    bool
        Whether anything had to be done.

    Raises
    ------
    StackError
        The build failed; its output is the message.
    """
    sources = layout.root / "web"
    stamp = Stamp(layout.stamps / "console")
    digest = fingerprint(layout.root, INPUTS)
    is_built = stamp.matches(digest) and (layout.console / "index.html").is_file()
    if is_built or not (sources / "package.json").is_file():
        return False
    stamp.remove()
    result = subprocess.run(  # the output is ours to show, once, when it failed
        [str(layout.root / "node_modules/.bin/vite"), "build", "--logLevel", "warn"],
        cwd=sources,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if result.returncode:
        raise StackError(f"the console could not be built:\n{result.stdout.strip()}")
    stamp.write(digest)
    return True
