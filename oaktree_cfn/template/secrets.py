"""What gives a secret away: the name it stands under, and its own look. Pure."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|private_?key|api_?key|access_?key|auth|connection_?string|dsn$",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(
    r"(arn|name|id|path|url|type|enabled|length|authorizationconfig)$|\.[a-z]+:(aud|oaud|sub|amr)$", re.IGNORECASE
)
"""Endings of names that are about a secret; claims of an OIDC provider: ``token.actions.githubusercontent.com:sub``."""
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)"
)
"""Texts that are secrets whatever they are called: private keys, access keys, tokens, JWTs, the password in a URL."""


def secret_name(name: str) -> bool:
    """Whether a name announces a secret (``DB_PASSWORD``), and not merely something about one (``SecretArn``)."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)
