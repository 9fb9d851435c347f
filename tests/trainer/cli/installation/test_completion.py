"""Shells take the scripts that `lenet completion` prints."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from trainer.cli.arguments.installation import SHELLS
from trainer.cli.parser import main


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_knows_commands_and_options(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "evaluate" in script and "recipe" in script
    if shutil.which(shell):
        checked = subprocess.run(
            [shell, "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_completes_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out + (
        "\nCOMP_WORDS=(lenet eval); COMP_CWORD=1; COMP_LINE='lenet eval'; COMP_POINT=10\n"
        "$(complete -p lenet | sed 's/.*-F \\([^ ]*\\).*/\\1/') lenet eval lenet\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    ended = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=False)
    assert ended.stdout.split() == ["evaluate"]
