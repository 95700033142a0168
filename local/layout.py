"""Where everything of the local stack is on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

REGION: Final = "ap-southeast-1"
ACCOUNT: Final = "000000000000"
STACK_NAME: Final = "CreditEngine-local"


@dataclass(frozen=True)
class Layout:
    """Paths of one checkout. All that the local stack writes is below `.local`.

    Parameters
    ----------
    root
        The repository's root folder, absolute.
    instance
        A name of its own for a further stack beside the usual one, with its own data.
    """

    root: Path
    instance: str = ""

    @classmethod
    def of_instance(cls, name: str) -> "Layout":
        """Lay a stack out in this checkout.

        Parameters
        ----------
        name
            The instance's name, or nothing for the usual one.
        """
        return cls(Path(__file__).resolve().parent.parent, name)

    @property
    def private(self) -> Path:
        """The git-ignored folder of all local stacks."""
        return self.root / ".local"

    @property
    def data(self) -> Path:
        """The folder of this stack alone."""
        return self.private / "instances" / self.instance if self.instance else self.private

    @property
    def python(self) -> Path:
        """The interpreter that has the project's own dependencies."""
        return self.root / ".venv/bin/python"

    @property
    def emulator_python(self) -> Path:
        """The interpreter that has the emulator's dependencies."""
        return self.private / "emulator-venv/bin/python"

    @property
    def runtime_emulator(self) -> Path:
        """The folder of the emulator of Lambda's runtime interface, a program per architecture."""
        return self.private / "rie"

    @property
    def assembly(self) -> Path:
        """The local stage's cloud assembly, apart from `cdk.out`, which is any stage's."""
        return self.private / "cdk.out"

    @property
    def hosting(self) -> Path:
        """How the console is served, here and by CloudFront."""
        return self.root / "web/hosting.json"

    @property
    def stamps(self) -> Path:
        """Hashes of the inputs of steps that need not run again."""
        return self.private / "stamps"

    @property
    def state(self) -> Path:
        """The emulator's data, kept over a stop."""
        return self.data / "state"

    @property
    def temporary(self) -> Path:
        """Scratch space of the emulator and its functions, emptied at start and stop."""
        return self.data / "tmp"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.data / "logs"

    @property
    def omise_state(self) -> Path:
        """The Omise sandbox's database."""
        return self.data / "omise.sqlite"

    @property
    def omise_keys(self) -> Path:
        """The made-up API keys and webhook secret of this checkout."""
        return self.data / "omise_keys.json"

    @property
    def stack_file(self) -> Path:
        """What tools and tests may know about the running stack."""
        return self.data / "stack.json"

    @property
    def processes_file(self) -> Path:
        """The processes that were started, so that they can be stopped."""
        return self.data / "processes.json"

    @property
    def lock(self) -> Path:
        """Held for as long as a stack runs."""
        return self.data / "run.lock"


HERE = Layout.of_instance("")
