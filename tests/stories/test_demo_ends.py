"""The demo leaves nothing behind, however it is told to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _heeding() -> None:
    """What a shell runs in the background, these tests perhaps, ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_demo_that_is_told_to_end_takes_its_folder_with_it(
    tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-m", "monitor", "demo", "--port", str(free_port())]
    environment = os.environ | {"TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=_heeding
    ) as demo:
        assert demo.stderr is not None
        assert any("page: http" in line for line in demo.stderr)
        assert list(tmp_path.glob("downdraft-demo-*"))
        demo.send_signal(sign)
        assert "Traceback" not in demo.stderr.read()
    assert demo.returncode == code
    assert list(tmp_path.iterdir()) == []
