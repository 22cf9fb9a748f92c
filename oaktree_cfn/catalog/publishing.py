"""Which version is new: decided by the hash in the address of its template, never by names or dates."""

from __future__ import annotations

from collections.abc import Iterable

from oaktree_cfn.aws.service_catalog import Version
from oaktree_cfn.catalog import changelog
from oaktree_cfn.errors import InvalidInput


def key(url: str) -> str:
    """The name of a template in its bucket, which is the hash of its content.

    >>> key("https://bucket.s3.eu-west-1.amazonaws.com/0a1b.json")
    '0a1b.json'
    """
    return url.rpartition("/")[2]


def published(versions: Iterable[Version], url: str) -> Version | None:
    """The version with this template, whatever it is called."""
    return next((each for each in versions if key(each.url) == key(url)), None)


def new_version(versions: Iterable[Version], url: str, text: str) -> Version:
    """The version to add; its id is the token of the request."""
    section, digest = changelog.newest(text), key(url).partition(".")[0]
    name = changelog.name(section, digest, {each.name for each in versions})
    return Version(f"oaktree-{digest[:40]}", name, changelog.description(section), url)


def find(versions: Iterable[Version], wanted: str | None) -> Version:
    """The version of a name or id; the newest active one where none is named. Raises InvalidInput with those there are."""
    active = [each for each in versions if each.active]
    if not active:
        raise InvalidInput("The product has no active version.", "Publish one: `oaktree catalog publish`.")
    if wanted is None:
        return active[-1]
    for each in active:
        if wanted in (each.name, each.id):
            return each
    raise InvalidInput(f"There is no version {wanted}.", f"There are: {', '.join(each.name for each in active)}.")
