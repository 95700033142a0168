"""The settings that the emulator reads from its environment."""

import os
from pathlib import Path

# What a program needs to find its tools and its language; nothing of the user's AWS settings.
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH")
# The emulator's own settings, which mean nothing, or something else, to a function.
EMULATOR_SETTINGS = (
    "BIND_HOST",
    "GATEWAY_PORT",
    "IOT_MTLS_ENABLED",
    "LAMBDA_WARM_TTL_SECONDS",
    "LOG_LEVEL",
    "MINISTACK_REGION",
    "PERSIST_STATE",
    "S3_DATA_DIR",
    "S3_PERSIST",
    "SFTP_ENABLED",
    "STATE_DIR",
)


def environment(*, port: int, region: str, state: Path, temporary: Path) -> dict[str, str]:
    """Build the whole environment of an emulator process.

    Parameters
    ----------
    port
        Where it serves every AWS API, on 127.0.0.1.
    region
        The region of requests that name none, such as those through API Gateway.
    state
        The folder that keeps its data over a clean stop.
    temporary
        Its scratch space.

    Returns
    -------
    dict of str to str
        Everything that it is to inherit, and nothing else: functions inherit it from there.
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "TMPDIR": str(temporary),
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
