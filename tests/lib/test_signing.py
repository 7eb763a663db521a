"""Signatures, verified by the package that receivers use."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from recado.lib.outcomes import Scheme
from recado.lib.signing import (
    is_signing_secret,
    new_signing_secret,
    signature,
    signature_headers,
)

BODY = '{"text": "Olá 😀"}'


def signed(keys: list[str], body: str = BODY) -> dict[str, str]:
    timestamp = int(datetime.now(UTC).timestamp())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature("msg_1", timestamp, body.encode(), keys),
    }


def test_a_receiver_verifies_what_we_sign() -> None:
    key = new_signing_secret()
    assert Webhook(key).verify(BODY, signed([key])) == {"text": "Olá 😀"}


def test_while_a_secret_is_replaced_either_verifies() -> None:
    new, old = new_signing_secret(), new_signing_secret()
    headers = signed([new, old])
    assert Webhook(new).verify(BODY, headers) == Webhook(old).verify(BODY, headers)


@pytest.mark.parametrize("changed", ['{"text": "Ola 😀"}', "{}", BODY + " "])
def test_a_changed_body_does_not_verify(changed: str) -> None:
    key = new_signing_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(changed, signed([key]))


def test_another_secret_does_not_verify() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(new_signing_secret()).verify(BODY, signed([new_signing_secret()]))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param(new_signing_secret(), True, id="new"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", True),  # 24 bytes: the least
        ("whsec_c2hvcnQ=", False),  # too short to be safe
        ("whsec_not base64!", False),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", False),  # the prefix tells it from other keys
        ("", False),
    ],
)
def test_what_is_a_signing_secret(text: str, is_one: bool) -> None:
    assert is_signing_secret(text) is is_one


def test_the_contracts_own_signature_is_over_timestamp_and_body() -> None:
    # echo -n '1700000000.{}' | openssl dgst -sha256 -hmac key
    told = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "key"],  # noqa: S607
        input=b"1700000000.{}", capture_output=True, check=True,
    ).stdout.decode().split()[-1]  # fmt: skip
    headers = signature_headers(Scheme.CHATWOOT, "msg_1", 1_700_000_000, b"{}", ["key", "old"])
    assert [(one.name, one.value) for one in headers] == [
        ("X-Chatwoot-Timestamp", "1700000000"),
        ("X-Chatwoot-Signature", f"sha256={told}"),
    ]


def test_the_guides_python_example_verifies() -> None:
    guide = (Path(__file__).parents[2] / "docs/guide/custom-actions.md").read_text()
    example: dict[str, Any] = {}
    exec(guide.partition("```python\n")[2].partition("```")[0], example)  # noqa: S102
    new, old = new_signing_secret(), new_signing_secret()
    headers, body = signed([new, old]), BODY.encode()
    assert example["is_from_recado"](headers, body, new)
    assert example["is_from_recado"](headers, body, old)
    assert not example["is_from_recado"](headers, body, new_signing_secret())
    assert not example["is_from_recado"](headers, body + b" ", new)
    assert not example["is_from_recado"](headers | {"webhook-timestamp": "1700000000"}, body, new)
