"""A real S3 server on this machine: rclone, which refuses what is not signed with its key."""

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

KEY_ID, SECRET = "RECADOTEST", "a/secret+with=signs"
NAME = "files"  # the bucket


_ESCAPED = quote(SECRET, safe="")


def address(port: int, secret: str = _ESCAPED) -> str:
    """The setting that names it."""
    return f"s3://{KEY_ID}:{secret}@127.0.0.1:{port}/{NAME}/desk?tls=none"


@asynccontextmanager
async def storage(folder: Path) -> AsyncIterator[int]:
    """Its port; what it keeps lies below `folder`, a folder for each bucket."""
    (folder / NAME).mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or "rclone"
    serving = await asyncio.create_subprocess_exec(
        program, "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}",
        "--auth-key", f"{KEY_ID},{SECRET}", "--config", "", "--vfs-cache-mode", "off",
        "--cache-dir", str(folder.parent / "cache"),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _answering(port)
        yield port
    finally:
        serving.terminate()
        await serving.wait()


async def _answering(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise RuntimeError("rclone does not serve")
