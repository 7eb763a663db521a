"""Requests to a storage are signed as AWS's own examples are; the setting is read or refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from recado.lib.buckets import Ask, Bucket, bucket, signed

# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
THEIRS = Bucket(
    "https://examplebucket.s3.amazonaws.com", "", "", "us-east-1", "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)  # fmt: skip
THEN = datetime(2013, 5, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ask", "signature"),
    [
        (
            Ask("GET", "/test.txt", headers=(("range", "bytes=0-9"),)),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Ask(
                "PUT",
                "/test%24file.text",
                headers=(
                    ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ),
                content=b"Welcome to Amazon S3.",
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Ask("GET", "/", query=(("lifecycle", ""),)),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Ask("GET", "/", query=(("prefix", "J"), ("max-keys", "2"))),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_signatures_are_those_of_the_published_examples(ask: Ask, signature: str) -> None:
    headers = dict(signed(ask, THEIRS, now=THEN))
    assert headers["authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://k:s@s3.example.com/files", ("https://s3.example.com", "files", "", "us-east-1", "k", "s")),
        (
            "s3://k:a%2Fb%2B@s3.example.com:443/files/a/b/?region=eu-1",
            ("https://s3.example.com", "files", "a/b/", "eu-1", "k", "a/b+"),
        ),
        (
            "s3://k:s@minio:9000/files?tls=none&region=x",
            ("http://minio:9000", "files", "", "x", "k", "s"),
        ),
        ("s3://k:s@[::1]:9000/files?tls=none", ("http://[::1]:9000", "files", "", "us-east-1", "k", "s")),
    ],
)  # fmt: skip
def test_the_setting_names_a_bucket(url: str, told: tuple[Any, ...]) -> None:
    assert bucket(url) == Bucket(*told)


@pytest.mark.parametrize(
    "nonsense",
    [
        "https://s3.example.com/files",
        "s3://s3.example.com/files",  # no key
        "s3://k@s3.example.com/files",
        "s3://k:s@/files",
        "s3://k:s@host:port/files",
        "s3://k:s@host",
        "s3://k:s@host/a%20b",
        "s3://k:s@host/files/../x y",
        "s3://k:s@host/files?tls=maybe",
        "s3://k:s@host/files?region=",
        "s3://k:s@host/files?zone=1",
    ],
)
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"must look|bucket"):
        bucket(nonsense)


def test_the_secret_is_in_no_repr() -> None:
    assert "geheim" not in repr(bucket("s3://k:geheim@host/files"))
