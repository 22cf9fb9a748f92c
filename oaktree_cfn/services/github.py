"""Who of GitHub may take a role: jobs of one repository, in one kind of run, and nobody else's.

A job proves who it is with a token of GitHub's OIDC provider. Four of its claims must be exactly these: for whom the token was
made (``aud``), the repository and its owner by their numbers, which stay when names change hands, and the subject (``sub``), which
says what kind of run it is. Repositories that were made, renamed or moved since 15 July 2026 have the numbers in the subject too, so
both forms are taken; nothing is compared by pattern.

Sources: GitHub's OpenID Connect reference; IAM user guide, "Available keys for AWS OIDC federation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awacs.aws import Action, Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from troposphere import Sub
from troposphere.iam import OIDCProvider

from oaktree_cfn.services.fields import Value

HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""For whom aws-actions/configure-aws-credentials has tokens made."""

PULL_REQUEST = "pull_request"
"""The end of the subject in runs for a pull request, by jobs without an environment."""

_FORMS = ("repo:${Owner}/${Name}:", "repo:${Owner}@${OwnerId}/${Name}@${Id}:")


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: its names as GitHub spells them, and the numbers behind them."""

    owner: Value
    owner_id: Value
    name: Value
    id: Value

    def subjects(self, *ends: str, **values: Value) -> list[Sub]:
        """The subjects of some kinds of run, in both forms. ``values`` are put into the ends."""
        names = {"Owner": self.owner, "OwnerId": self.owner_id, "Name": self.name, "Id": self.id}
        return [_subject(form + end, {**names, **values}) for end in ends for form in _FORMS]


def _subject(text: str, values: Mapping[str, Any]) -> Sub:
    return Sub(text, **{name: value for name, value in values.items() if f"${{{name}}}" in text})


def provider(title: str) -> OIDCProvider:
    """GitHub's provider, of which an account has one at most. IAM trusts its certificate without being told a thumbprint."""
    return OIDCProvider(title, Url=f"https://{HOST}", ClientIdList=[AUDIENCE])


def trust(provider_arn: Value, repository: Repository, subjects: list[Sub]) -> PolicyDocument:
    """Jobs of the repository with one of these subjects may take the role."""
    exactly = {
        f"{HOST}:aud": AUDIENCE,
        f"{HOST}:repository_id": repository.id,
        f"{HOST}:repository_owner_id": repository.owner_id,
        f"{HOST}:sub": subjects,
    }
    statement = Statement(
        Effect=Allow,
        Principal=Principal("Federated", [provider_arn]),
        Action=[Action("sts", "AssumeRoleWithWebIdentity")],
        Condition=Condition(StringEquals(exactly)),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[statement])
