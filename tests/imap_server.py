"""A real IMAP server on this machine, as small as a mailbox needs it, that misbehaves as told."""

import asyncio
import re
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

USER, PASSWORD = "support@acme.example", 'p4ss "word\\'
_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass
class ImapFolder:
    """Letters by UID."""

    letters: dict[int, bytes] = field(default_factory=dict)
    added: asyncio.Event = field(default_factory=asyncio.Event)
    validity: int = 1
    next_uid: int = 1

    def add(self, raw: bytes) -> int:
        """A letter comes in."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.letters[uid] = raw
        self.added.set()
        return uid

    def renumber(self) -> None:
        """As after a restore: the same letters under other numbers."""
        self.letters = dict(enumerate(self.letters.values(), 1))
        self.next_uid = len(self.letters) + 1
        self.validity += 1


@dataclass
class MailServer:
    """`hangs_at` is a command that is never answered, `drops_at` one that ends the connection."""

    folder: ImapFolder = field(default_factory=ImapFolder)
    folders: tuple[str, ...] = ("INBOX",)
    port: int = 0
    password: str = PASSWORD
    hangs_at: str = ""
    drops_at: str = ""
    greeting: bytes = b"* OK ready"
    tells_size: int = 0  # instead of the true size
    tells_next: bool = True
    slow_seconds: float = 0.0  # before each letter
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    tls: ssl.SSLContext | None = None
    starts_tls: bool = False
    offers_idle: bool = False
    listening: int = 0  # connections
    breaks_off: asyncio.Event = field(default_factory=asyncio.Event)  # while one listens


class _Connection:
    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer

    async def serve(self) -> None:
        self.say(self.server.greeting)
        while line := await self.reader.readline():
            tag, name, rest = (*line.strip().split(b" ", 2), b"", b"")[:3]
            command = name.decode("latin-1").upper()
            if command == "UID":
                part, _, rest = rest.partition(b" ")
                command = f"UID {part.decode().upper()}"
            self.server.commands.append(command)
            if command == self.server.hangs_at:
                await asyncio.sleep(3600)
            if command == self.server.drops_at or command == "LOGOUT":
                return
            await self.answer(tag, command, rest)
            await self.writer.drain()

    def say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")

    async def answer(  # noqa: C901 - a case for each command
        self, tag: bytes, command: str, rest: bytes
    ) -> None:
        folder = self.server.folder
        match command:
            case "CAPABILITY":
                offers = " STARTTLS" if self.server.starts_tls else ""
                offers += " IDLE" if self.server.offers_idle else ""
                self.say(f"* CAPABILITY IMAP4rev1 AUTH=PLAIN{offers}".encode())
            case "STARTTLS" if self.server.tls:
                self.say(tag + b" OK begin")
                await self.writer.start_tls(self.server.tls)
                return
            case "LOGIN":
                words = [_unquoted(one) for one in _WORD.finditer(rest)]
                if words != [USER, self.server.password]:
                    self.say(tag + b" NO [AUTHENTICATIONFAILED] wrong: " + rest)
                    return
            case "AUTHENTICATE":
                self.say(b"+ ")
                given = b64decode(await self.reader.readline()).decode().split("\0")
                if given[1:] != [USER, self.server.password]:
                    self.say(tag + b" NO wrong")
                    return
            case "SELECT" | "EXAMINE":
                if rest.decode().strip('"') not in self.server.folders:
                    self.say(tag + b" NO there is no such folder")
                    return
                self.say(f"* {len(folder.letters)} EXISTS".encode())
                self.say(f"* OK [UIDVALIDITY {folder.validity}] numbered".encode())
                if self.server.tells_next:
                    self.say(f"* OK [UIDNEXT {folder.next_uid}] next".encode())
            case "IDLE" if self.server.offers_idle:
                await self.tell()
            case "UID SEARCH":
                self.say(b"* SEARCH " + " ".join(map(str, self.found(rest.decode()))).encode())
            case "UID FETCH":
                await asyncio.sleep(self.server.slow_seconds)
                self.fetch(rest)
        self.say(tag + b" OK done")

    async def tell(self) -> None:
        """What comes in, until the other side has heard enough."""
        folder, server = self.server.folder, self.server
        folder.added.clear()
        self.say(b"+ idling")
        self.say(b"* OK still here")  # as some do, now and then
        server.listening += 1
        enough = asyncio.ensure_future(self.reader.readline())
        try:
            while not enough.done():
                more = [
                    asyncio.ensure_future(one.wait()) for one in (folder.added, server.breaks_off)
                ]
                await asyncio.wait([enough, *more], return_when=asyncio.FIRST_COMPLETED)
                for one in more:
                    one.cancel()
                if server.breaks_off.is_set():
                    raise ConnectionResetError
                if folder.added.is_set():
                    folder.added.clear()
                    self.say(f"* {len(folder.letters)} EXISTS".encode())
        finally:
            server.listening -= 1
            enough.cancel()

    def found(self, what: str) -> list[int]:
        uids = sorted(self.server.folder.letters)
        if what.startswith("SINCE"):
            return uids
        first = what.removeprefix("UID ").partition(":")[0]
        if first == "*":
            return uids[-1:]
        return [one for one in uids if one >= int(first)] or uids[-1:]

    def fetch(self, rest: bytes) -> None:
        uid = int(rest.split(b" ")[0])
        raw = self.server.folder.letters.get(uid)
        if raw is None:
            return
        if b"RFC822.SIZE" in rest:
            size = self.server.tells_size or len(raw)
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {size})".encode())
            return
        if b"HEADER" in rest:
            raw = raw.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self.say(b"* 2 FETCH (FLAGS (\\Seen))")  # nobody asked for it
        self.writer.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw)
        self.say(b")")


def _unquoted(found: "re.Match[bytes]") -> str:
    if found[1] is None:
        return found[2].decode()
    return re.sub(rb"\\(.)", rb"\1", found[1]).decode()


@asynccontextmanager
async def imap_server(
    *, tls: ssl.SSLContext | None = None, starts_tls: bool = False
) -> AsyncIterator[MailServer]:
    """A server on a free port, with TLS from the first byte or by STARTTLS."""
    state = MailServer(tls=tls, starts_tls=starts_tls)
    tasks: set[asyncio.Task[None]] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        state.connections += 1
        state.open_now += 1
        state.most_open = max(state.most_open, state.open_now)
        try:
            with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await _Connection(state, reader, writer).serve()
        finally:
            state.open_now -= 1
            writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0, ssl=None if starts_tls else tls)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
