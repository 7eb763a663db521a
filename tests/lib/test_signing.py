"""Signatures, verified by the package that receivers use."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from recado.lib.signing import is_signing_secret, new_signing_secret, signature

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
