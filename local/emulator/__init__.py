"""The emulator's launcher: MiniStack with the settings it needs and a few patches for known gaps.

Runs under the emulator's own virtual environment, since MiniStack pins botocore exactly. Each
patch is one module with `install()`; its docstring names the gap, and a self-test in
`tests/integration/emulator` fails once the stock emulator no longer has it.
"""
