"""Gap: a Python function's exception reaches its caller as `Runtime.HandlerError`.

The stock emulator runs Python functions in a worker script of its own, which loses the exception's
class, so that Retry and Catch by name never match in a state machine. It does speak the Lambda
Runtime API, to custom runtimes. This patch turns a Python package into a custom runtime's package
whose `bootstrap` starts `awslambdaric`, the runtime that AWS itself uses; code and layers are
extracted once and shared by all execution environments, as /var/task and /opt are.
"""

# ruff: noqa: SLF001 - the emulator has no public interface for any of this

import io
import os
import shlex
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.environment import EMULATOR_SETTINGS

BOOTSTRAP = """\
#!/bin/sh
unset {emulator_settings}
export PYTHONPATH={search_path} TZ=UTC AWS_EXECUTION_ENV={execution_environment}
export AWS_ENDPOINT_URL="${{AWS_ENDPOINT_URL:-{endpoint}}}"
exec {python} -m awslambdaric "$_HANDLER"
"""


Config = dict[str, Any]
Execute = Callable[[Config, object, str], dict[str, Any]]


def install() -> None:
    """Run `python*` functions on `PythonWorker`."""
    lambda_runtime._worker_class_for = _with_python(lambda_runtime._worker_class_for)
    stock_execute: Execute = lambda_svc._execute_function_warm

    def execute(function: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        python = _is_python(function.get("config") or function)
        run: Execute = lambda_svc._execute_function_provided_warm if python else stock_execute
        return run(function, event, request_id)

    lambda_svc._execute_function_warm = execute


def _with_python(stock_class_for: Callable[[Config], type]) -> Callable[[Config], type]:
    def class_for(config: Config) -> type:
        return PythonWorker if _is_python(config) else stock_class_for(config)

    return class_for


def _is_python(config: Config) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


class PythonWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]  # ministack is untyped
    """One execution environment of a Python function, under `awslambdaric`."""

    def __init__(self, name: str, config: Config, package: bytes) -> None:
        super().__init__(name, config, package)
        self._package = package

    def _build_handler_class(self, generation: int, pending: object) -> type:
        handler: Any = super()._build_handler_class(generation, pending)
        # It writes head and body apart; Nagle's algorithm would hold the body back for 40 ms.
        handler.disable_nagle_algorithm = True
        return cast("type", handler)

    def _spawn(self, init_timeout: float | None = None) -> None:
        # Here rather than in __init__, which runs under the lock of all functions.
        self.code_zip = with_bootstrap(self._package, bootstrap(self.config))
        super()._spawn(init_timeout)


def bootstrap(config: Config) -> str:
    """Write the script that starts a function's environment.

    Parameters
    ----------
    config
        The function's configuration, as the emulator keeps it.

    Returns
    -------
    str
        A shell script that needs nothing but the environment of a custom runtime.
    """
    search_path = os.pathsep.join(str(folder) for folder in _layer_folders(config))
    own = (config.get("Environment") or {}).get("Variables") or {}
    return BOOTSTRAP.format(
        emulator_settings=" ".join(name for name in EMULATOR_SETTINGS if name not in own),
        search_path=shlex.quote(search_path),
        execution_environment=f"AWS_Lambda_{config['Runtime']}",
        endpoint=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        python=shlex.quote(sys.executable),
    )


def _layer_folders(config: Config) -> list[Path]:
    """List the layers' `python` folders, the last layer first: there, later ones overwrite."""
    layers = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
    roots = [Path(lambda_svc._docker_extracted_dir(layer, "layer")) for layer in layers if layer]
    return [root / "python" for root in reversed(roots)]


def with_bootstrap(package: bytes, script: str) -> bytes:
    """Add the script to a deployment package, so that equal inputs give equal bytes."""
    content = io.BytesIO(package)
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(entry, script)
    return content.getvalue()
