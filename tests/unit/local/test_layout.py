"""Stacks of one checkout share what is installed, and nothing else."""

from local.layout import HERE, Layout


def test_instances_share_tools_but_no_data() -> None:
    """Given a named instance, when it is laid out, then only its tools are the usual ones."""
    other = Layout.of_instance("other")

    assert other.emulator_python == HERE.emulator_python
    assert other.assembly == HERE.assembly
    for name in ("state", "temporary", "logs", "omise_state", "omise_keys", "stack_file", "lock"):
        assert getattr(other, name).is_relative_to(HERE.private / "instances/other")
        assert not getattr(HERE, name).is_relative_to(HERE.private / "instances")
