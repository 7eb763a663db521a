"""Client certificates for mutual TLS: judged when they are entered, loaded without touching a disk."""

import hashlib
import os
import ssl
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificates

from recado.lib.languages import Sentence, say

LONGEST_PEM: Final = 32 * 1024  # characters
_MOST_CONTEXTS: Final = 64  # kept ready


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate, with those above it, and its private key; both PEM. Never in a repr or log."""

    certificate: str
    key: str

    def __repr__(self) -> str:
        return "ClientCertificate(…)"


class CertificateUnusable(Exception):
    """What OpenSSL does not take; the text holds nothing of it."""


def certificate_problem(text: str) -> Sentence | None:
    """What is wrong with a certificate in PEM."""
    try:
        load_pem_x509_certificates(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return say("This is no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----.")
    return None


def key_problem(certificate: str, key: str) -> Sentence | None:
    """What is wrong with the private key of a certificate that has no problem."""
    try:
        private = load_pem_private_key(key.encode(), password=None)
    except TypeError:
        return say("The private key is locked with a password: enter it without one.")
    except (ValueError, UnsupportedAlgorithm):
        return say("This is no private key in PEM: it begins with -----BEGIN PRIVATE KEY-----.")
    of = load_pem_x509_certificates(certificate.encode())[0].public_key()
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != of.public_bytes(*form):
        return say("The private key does not belong to this certificate.")
    return None


class Contexts:
    """TLS contexts by certificate, so that connections with the same one are shared; bounded."""

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self._kept: OrderedDict[bytes, ssl.SSLContext] = OrderedDict()

    def context(self, certificate: ClientCertificate) -> ssl.SSLContext:
        """The context that shows this certificate, or CertificateUnusable."""
        both = f"{certificate.certificate}\0{certificate.key}".encode()
        name = hashlib.sha256(both).digest()
        if name not in self._kept:
            made = self._make()
            with _as_file(certificate) as path:
                _load(made, path)
            self._kept[name] = made
            if len(self._kept) > _MOST_CONTEXTS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name]


def _load(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_cert_chain(path, password=_no_password)
    except (ssl.SSLError, OSError) as error:
        raise CertificateUnusable("the client certificate cannot be used") from error


def _no_password() -> str:
    """OpenSSL would ask on the terminal."""
    return ""


@contextmanager
def _as_file(certificate: ClientCertificate) -> Iterator[str]:
    """Python reads certificates from files only: one in memory where the system has such."""
    content = f"{certificate.key}\n{certificate.certificate}\n".encode()
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("certificate")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, name = tempfile.mkstemp()  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        yield name
    finally:
        Path(name).unlink()
