"""The ways a push goes out, behind one interface: signed webhook, WeCom and DingTalk group robots, text message.

Formats: WeCom group robot (developer.work.weixin.qq.com/document/path/91770): `msgtype` `markdown`, answer `errcode` 0,
at most 20 messages a minute for a robot. DingTalk custom robot (open.dingtalk.com, custom robot access): `timestamp` in
ms and `sign` = base64 HMAC-SHA256 of `timestamp\\nsecret` keyed with the secret, url-encoded, as query parameters.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import quote_plus

from contracts.values import Phone
from gateway.outbound.client import OutboundClient, Reply, SendError
from gateway.outbound.domain import key_of, signed_headers
from gateway.push.domain import TITLES, Note, sentence
from gateway.sms.sender import SmsSender, TextMessage
from gateway.writer import Writer

ROBOT_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Push:
    """One thing to send. `to` is the person it is for, None for a group; `phone` only where text messages are sent."""

    push_id: str
    note: Note
    to: str | None = None
    phone: Phone | None = None


class PushAdapter(Protocol):
    """`a_minute`: how many the provider takes, None when it does not say."""

    a_minute: int | None

    async def send(self, push: Push, now: datetime) -> None:
        """Returns when the other side has taken it. Raises SendError."""


class WebhookAdapter:
    """The office's own push service; `to` is the person's opaque id."""

    a_minute: int | None = None

    def __init__(self, client: OutboundClient, url: str, secret: str) -> None:
        self._client, self._url, self._key = client, url, key_of(secret)

    async def send(self, push: Push, now: datetime) -> None:
        note = push.note
        data = {"kind": note.kind, "ticket_number": note.ticket_number, "link": note.link, "to": push.to}
        body = _json({"type": "alert", "timestamp": _iso(note.at), "data": data})
        await self._client.post(self._url, body, signed_headers(self._key, push.push_id, int(now.timestamp()), body))


class WeComAdapter:
    """企业微信群机器人; the address carries its key, so it is the secret itself."""

    a_minute: int | None = ROBOT_A_MINUTE

    def __init__(self, client: OutboundClient, url: str) -> None:
        self._client, self._url = client, url

    async def send(self, push: Push, now: datetime) -> None:
        content = f"{sentence(push.note)}\n[{_open(push.note)}]({push.note.link})"
        body = _json({"msgtype": "markdown", "markdown": {"content": content}})
        _check_errcode(await self._client.post(self._url, body, {}), throttled={45009})


class DingTalkAdapter:
    """钉钉自定义机器人 with 加签."""

    a_minute: int | None = ROBOT_A_MINUTE

    def __init__(self, client: OutboundClient, url: str, secret: str) -> None:
        self._client, self._url, self._secret = client, url, secret

    async def send(self, push: Push, now: datetime) -> None:
        title = TITLES[push.note.language][push.note.kind]
        text = f"#### {sentence(push.note)}\n[{_open(push.note)}]({push.note.link})"
        body = _json({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
        stamp = int(now.timestamp() * 1000)
        joint = "&" if "?" in self._url else "?"
        url = f"{self._url}{joint}timestamp={stamp}&sign={dingtalk_sign(stamp, self._secret)}"
        _check_errcode(await self._client.post(url, body, {}), throttled={130101, 410100})


class SmsAdapter:
    """The office's own sender of text messages; what it sends is committed with it."""

    a_minute: int | None = None

    def __init__(self, writer: Writer, sender: SmsSender) -> None:
        self._writer, self._sender = writer, sender

    async def send(self, push: Push, now: datetime) -> None:
        if push.phone is None:
            raise SendError("no_number", permanent=True)
        message = TextMessage(push.phone, f"{sentence(push.note)} {push.note.link}")
        await self._writer.run(lambda uow: self._sender.send(uow, message))


def dingtalk_sign(timestamp_ms: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))


def _check_errcode(reply: Reply, *, throttled: set[int]) -> None:
    """Robots answer 200 and say in `errcode` whether they took it."""
    try:
        code = json.loads(reply.body)["errcode"]
    except (ValueError, KeyError, TypeError):
        raise SendError("answer_unreadable") from None
    if code != 0:
        raise SendError(f"errcode_{code}"[:40], retry_after=60 if code in throttled else None)


def _open(note: Note) -> str:
    return "登录查看" if note.language == "zh-CN" else "Sign in to see it"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
