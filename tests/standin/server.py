"""A stand-in Chatwoot: a real HTTP server that speaks the contract, webhooks included.

`async with StandIn() as chatwoot: ...`. What people do there are the functions `contact_writes`,
`agent_replies`, `change` and the like; each sends the webhooks that Chatwoot would. On command it is
down, slow, or answers with a status that is none of ours to like.
"""

import asyncio
import hmac
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from time import time
from typing import Any, Self
from urllib.parse import parse_qs
from uuid import uuid4

import aiohttp
from aiohttp import web

from tests.standin.desk import Desk, Json

TOKEN = "a token of Rita's at the old Chatwoot"
_ROOT = "/api/v1/accounts/{account}"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StandIn:
    """`desk` is what it keeps; `asked` every request as (method, path with query, body)."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk or Desk()
        self.asked: list[tuple[str, str, Any]] = []
        self.breaks_off_after: str | None = None  # does it, and does not say so
        self.token = TOKEN
        self.signs = True  # versions before 4.13 do not
        self.loses_webhooks = False
        self.holds_webhooks = False
        self._held: list[tuple[str, Json]] = []
        self._seconds = 0.0
        self._is_down = False
        self._down_at: str | None = None
        self._statuses: deque[tuple[int, dict[str, str]]] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self.told: list[tuple[str, int]] = []  # (event, the status that came back; 0: none)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def open(self) -> None:
        """Be there, on the same port as before."""
        app = web.Application(middlewares=[self._mood], client_max_size=50 * 1024 * 1024)
        self._route(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Be gone: nobody listens on its port."""
        await self._runner.cleanup()

    async def __aexit__(self, *_: object) -> None:
        await self.settled()
        await self.close()

    # What befalls it.

    def go_down(self, at: str = "") -> None:
        """Break off every connection without an answer, from the request on whose path has `at`."""
        self._down_at = at

    def come_back(self) -> None:
        self._down_at, self._is_down, self._seconds = None, False, 0.0
        self._statuses.clear()

    def be_slow(self, seconds: float) -> None:
        self._seconds = seconds

    def answer_next(self, *statuses: int, retry_after: int | None = None) -> None:
        """Answer the next requests so, whatever they ask."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._statuses.extend((one, headers) for one in statuses)

    def posts(self, ending: str) -> list[Any]:
        """The bodies of what was posted to paths with this ending."""
        return [
            body for method, path, body in self.asked if method == "POST" and path.endswith(ending)
        ]

    def gets(self, part: str) -> list[str]:
        return [path for method, path, _ in self.asked if method == "GET" and part in path]

    # What people do there.

    def contact_writes(self, conversation: Json, content: str, **more: Any) -> Json:
        message = self.desk.add_message(conversation, content, **more)
        self._tell("message_created", self.desk.webhook_message(message))
        return message

    def agent_replies(self, conversation: Json, content: str, **more: Any) -> Json:
        agent = more.pop("agent", self.desk.agents[-1])
        return self.contact_writes(
            conversation, content, message_type="outgoing", sender_id=agent["id"],
            sender_type="User", **more,
        )  # fmt: skip

    def begin(self, contact: Json, inbox: Json, **more: Any) -> Json:
        conversation = self.desk.add_conversation(contact, inbox, **more)
        self._tell("conversation_created", self.desk.conversation_json(conversation))
        return conversation

    def change(self, conversation: Json, **values: Any) -> None:
        changed = [
            {key: {"previous_value": conversation[key], "current_value": value}}
            for key, value in values.items()
            if conversation[key] != value
        ]
        if not changed:
            return
        conversation |= values
        conversation["updated_at"] = time()
        told = self.desk.conversation_json(conversation) | {"changed_attributes": changed}
        if "status" in values:
            self._tell("conversation_status_changed", told)
        self._tell("conversation_updated", told)

    def change_contact(self, contact: Json, **values: Any) -> None:
        contact |= values
        changed = [
            {key: {"previous_value": None, "current_value": one}} for key, one in values.items()
        ]
        account = {"id": self.desk.account_id, "name": self.desk.account_name}
        told = self.desk.contact_json(contact) | {"account": account, "changed_attributes": changed}
        self._tell("contact_updated", told)

    def let_go(self, *, backwards: bool = False) -> None:
        """Send the webhooks that were held."""
        held, self._held, self.holds_webhooks = self._held, [], False
        for event, body in reversed(held) if backwards else held:
            self._tell(event, body)

    async def settled(self) -> None:
        """Every webhook so far has been answered, or not."""
        while self._sending:
            await asyncio.gather(*self._sending)

    def _tell(self, event: str, body: Json) -> None:
        if self.holds_webhooks:
            self._held.append((event, json.loads(json.dumps(body))))
            return
        for webhook in self.desk.webhooks:
            if event in webhook["subscriptions"] and not self.loses_webhooks:
                raw = json.dumps({**body, "event": event}).encode()
                before = list(self._sending)
                task = asyncio.create_task(self._send(webhook, event, raw, before))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    async def _send(
        self, webhook: Json, event: str, raw: bytes, before: list[asyncio.Task[None]]
    ) -> None:
        await asyncio.gather(*before)  # in order, as its one queue would
        headers = {"Content-Type": "application/json", "X-Chatwoot-Delivery": str(uuid4())}
        if webhook["secret"]:
            stamp = str(int(time()))
            signed = hmac.digest(webhook["secret"].encode(), stamp.encode() + b"." + raw, "sha256")
            headers |= {"X-Chatwoot-Timestamp": stamp,
                        "X-Chatwoot-Signature": f"sha256={signed.hex()}"}  # fmt: skip
        try:
            limit = aiohttp.ClientTimeout(total=5)
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(webhook["url"], data=raw, headers=headers) as answer,
            ):
                self.told.append((event, answer.status))
        except (aiohttp.ClientError, TimeoutError):
            self.told.append((event, 0))

    # How it answers.

    @web.middleware
    async def _mood(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        text = await request.text()
        kept = json.loads(text) if text else None
        self.asked.append((request.method, request.path_qs, kept))
        self._is_down |= self._down_at is not None and self._down_at in request.path_qs
        if self._is_down:
            assert request.transport is not None
            request.transport.abort()
            raise web.HTTPServiceUnavailable
        await asyncio.sleep(self._seconds)
        if self._statuses:
            status, headers = self._statuses.popleft()
            return web.json_response({"error": "as told"}, status=status, headers=headers)
        if request.headers.get("api_access_token") != self.token:
            return web.json_response({"error": "Invalid Access Token"}, status=401)
        account = request.match_info.get("account")
        if account is not None and account != str(self.desk.account_id):
            return web.json_response({"error": "You are not authorized"}, status=401)
        answer = await handler(request)
        if self.breaks_off_after and request.path.endswith(self.breaks_off_after):
            assert request.transport is not None
            request.transport.abort()
        answer.headers["Date"] = formatdate(usegmt=True)
        return answer

    def _route(self, app: web.Application) -> None:
        desk = self.desk
        plain: dict[str, Callable[[], Any]] = {
            "inboxes": lambda: {"payload": desk.inboxes},
            "custom_attribute_definitions": lambda: desk.attributes,
            "labels": lambda: {"payload": desk.labels},
            "teams": lambda: desk.teams,
            "agents": lambda: desk.agents,
            "canned_responses": lambda: desk.canned,
            "automation_rules": lambda: {"payload": desk.rules},
            "dashboard_apps": lambda: desk.apps,
            "webhooks": lambda: {"payload": {"webhooks": desk.webhooks}},
        }
        for name, told in plain.items():
            app.router.add_get(f"{_ROOT}/{name}", _telling(told))
        one = f"{_ROOT}/conversations/{{id}}"
        app.router.add_get(f"{_ROOT}/teams/{{id}}/team_members", self._team_members)
        app.router.add_get("/api/v1/profile", self._profile)
        app.router.add_get(f"{_ROOT}/contacts", self._contacts)
        app.router.add_put(f"{_ROOT}/contacts/{{id}}", self._put_contact)
        app.router.add_post(f"{_ROOT}/contacts/{{id}}/destroy_custom_attributes", self._destroy)
        app.router.add_get(f"{_ROOT}/conversations", self._conversations)
        app.router.add_get(one, self._conversation)
        app.router.add_get(f"{one}/messages", self._messages)
        app.router.add_post(f"{one}/messages", self._post_message)
        app.router.add_post(f"{one}/labels", self._labels)
        app.router.add_post(f"{one}/custom_attributes", self._custom_attributes)
        app.router.add_post(f"{one}/toggle_status", self._toggle_status)
        app.router.add_post(f"{one}/toggle_priority", self._toggle_priority)
        app.router.add_post(f"{one}/assignments", self._assign)
        app.router.add_post(f"{_ROOT}/webhooks", self._add_webhook)
        app.router.add_patch(f"{_ROOT}/webhooks/{{id}}", self._change_webhook)
        app.router.add_delete(f"{_ROOT}/webhooks/{{id}}", self._delete_webhook)

    async def _profile(self, _: web.Request) -> web.Response:
        desk = self.desk
        mine = {"id": desk.account_id, "name": desk.account_name, "role": desk.me["role"]}
        return web.json_response(desk.me | {"accounts": [mine], "pubsub_token": "x"})

    async def _team_members(self, request: web.Request) -> web.Response:
        team = _found(self.desk, self.desk.teams, request)
        inside = self.desk.members.get(team["id"], [])
        return web.json_response([one for one in self.desk.agents if one["id"] in inside])

    async def _contacts(self, request: web.Request) -> web.Response:
        query = parse_qs(request.query_string)
        wanted = set(query.get("labels[]", []))
        rows = [one for one in self.desk.contacts if not wanted or wanted & set(one["labels"])]
        page = int(request.query.get("page", 1))
        shown = [self.desk.contact_json(one) for one in rows[(page - 1) * 15 : page * 15]]
        meta = {"count": len(rows), "current_page": str(page)}
        return web.json_response({"meta": meta, "payload": shown})

    async def _put_contact(self, request: web.Request) -> web.Response:
        contact = _found(self.desk, self.desk.contacts, request)
        body = await request.json()
        for name in ("custom_attributes", "additional_attributes"):
            body[name] = contact[name] | body.get(name, {})
        self.change_contact(contact, **body)
        return web.json_response({"payload": self.desk.contact_json(contact)})

    async def _destroy(self, request: web.Request) -> web.Response:
        contact = _found(self.desk, self.desk.contacts, request)
        gone = (await request.json())["custom_attributes"]
        kept = {k: v for k, v in contact["custom_attributes"].items() if k not in gone}
        self.change_contact(contact, custom_attributes=kept)
        return web.json_response({"payload": self.desk.contact_json(contact)})

    async def _conversations(self, request: web.Request) -> web.Response:
        desk, status = self.desk, request.query.get("status", "open")
        rows = [one for one in desk.conversations if status in ("all", one["status"])]
        rows.sort(key=lambda one: -one["last_activity_at"])
        if within := request.query.get("updated_within"):
            rows = [one for one in rows if one["updated_at"] > time() - int(within)]
        else:
            page = int(request.query.get("page", 1))
            rows = rows[(page - 1) * 25 : page * 25]
        meta = {"all_count": len(desk.conversations)}
        payload = [desk.conversation_json(one) for one in rows]
        return web.json_response({"data": {"meta": meta, "payload": payload}})

    async def _conversation(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        return web.json_response(self.desk.conversation_json(conversation))

    async def _messages(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        rows = self.desk.messages_of(conversation)
        before, after = request.query.get("before"), request.query.get("after")
        if after:
            rows = [one for one in rows if one["id"] > int(after)][:100]
        elif before:
            rows = [one for one in rows if one["id"] < int(before)][-20:]
        else:
            rows = rows[-20:]
        meta = {"labels": conversation["labels"]}
        payload = [self.desk.message_json(one) for one in rows]
        return web.json_response({"meta": meta, "payload": payload})

    async def _post_message(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        body = await request.json()
        message = self.agent_replies(
            conversation, body["content"], agent=self.desk.me, private=body.get("private", False)
        )
        return web.json_response(self.desk.message_json(message))

    async def _labels(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        self.change(conversation, labels=(await request.json())["labels"])
        return web.json_response({"payload": conversation["labels"]})

    async def _custom_attributes(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        self.change(conversation, custom_attributes=(await request.json())["custom_attributes"])
        return web.json_response({"custom_attributes": conversation["custom_attributes"]})

    async def _toggle_status(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        body = await request.json()
        self.change(conversation, status=body["status"], snoozed_until=body.get("snoozed_until"))
        told = {"success": True, "conversation_id": conversation["id"],
                "current_status": conversation["status"]}  # fmt: skip
        return web.json_response({"meta": {}, "payload": told})

    async def _toggle_priority(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        self.change(conversation, priority=(await request.json())["priority"])
        return web.Response()

    async def _assign(self, request: web.Request) -> web.Response:
        conversation = _found(self.desk, self.desk.conversations, request)
        body = await request.json()
        self.change(conversation, **({"assignee_id": body["assignee_id"]} if "assignee_id" in body
                                     else {"team_id": body["team_id"]}))  # fmt: skip
        return web.json_response(None)

    async def _add_webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(one["url"] == body["url"] for one in self.desk.webhooks):
            told = {"message": "Url has already been taken", "attributes": ["url"]}
            return web.json_response(told, status=422)
        webhook = {
            "id": self.desk.new_id(), "account_id": self.desk.account_id, "name": body.get("name"),
            "url": body["url"], "subscriptions": body["subscriptions"],
            "secret": secrets.token_hex(16) if self.signs else None,
        }  # fmt: skip
        self.desk.webhooks.append(webhook)
        return web.json_response({"payload": {"webhook": webhook}})

    async def _change_webhook(self, request: web.Request) -> web.Response:
        webhook = _found(self.desk, self.desk.webhooks, request)
        webhook |= await request.json()
        return web.json_response({"payload": {"webhook": webhook}})

    async def _delete_webhook(self, request: web.Request) -> web.Response:
        self.desk.webhooks.remove(_found(self.desk, self.desk.webhooks, request))
        return web.Response()


def _telling(told: Callable[[], Any]) -> _Handler:
    async def tell(_: web.Request) -> web.Response:
        if (known := told()) is None:
            raise web.HTTPNotFound(text='{"error": "Not found"}', content_type="application/json")
        return web.json_response(known)

    return tell


def _found(desk: Desk, rows: list[Json], request: web.Request) -> Json:
    found = desk.find(rows, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(
            text='{"error": "Resource could not be found"}', content_type="application/json"
        )
    return found
