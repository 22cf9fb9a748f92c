"""The web service: the application's container, its roles and its logs.

Before the first image is pushed there is nothing to run: without ``ImageTag`` the service is made with no tasks, so that
the first deploy into an empty repository succeeds. ``ImageTag`` takes a tag, or the digest that ``oaktree image`` pins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWS_REGION, Equals, If, Not, Ref, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints._described import fill
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.image import VERSION, image_of
from oaktree_cfn.services.names import named
from oaktree_cfn.services.web_service import WebService


def node() -> Mapping[str, Any]:
    """The variables of the application that are the same everywhere."""
    return {"NODE_ENV": "production", "HOST": "0.0.0.0"}  # noqa: S104 - the container's own interfaces


@dataclass(frozen=True)
class Service:
    """Web service: a Fargate service behind the load balancer, its task definition, roles and log group.

    ``environment`` holds the application's own variables; the ones that follow from other resources are added to it.
    """

    environment: Mapping[str, Any] = field(default_factory=node)

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        form.ask(template, form.NAMES, {"Prefix": form.prefix()})
        form.ask(template, "Web service", {"Image tag": _image_tag()})
        template.add_condition("HasImage", Not(Equals(Ref("ImageTag"), "")))
        fill(template, _web_service(self.environment), ready="HasImage")
        return template


def _image_tag() -> Any:
    return form.text(
        "ImageTag",
        "Image to run: a tag as pushed to the repository, or a digest, which no push can move. Empty before the first "
        "image: then no task is started.",
        pattern=f"({VERSION})?",
        constraint="empty, an image tag of up to 128 letters, digits, dots, hyphens and underscores, or a digest "
        "(sha256:... with 64 hexadecimal digits)",
        Default="",
    )


def wired(table: Any) -> Mapping[str, Any]:
    """The variables of the application that follow from other resources."""
    return {"AWS_REGION": Ref(AWS_REGION), "USE_AWS_DB": "true", "DYNAMODB_TABLE": table}


def _web_service(environment: Mapping[str, Any]) -> WebService:
    return WebService(
        image=image_of(Ref("RepositoryUrl"), If("HasImage", Ref("ImageTag"), "none")),
        repository=Ref("RepositoryArn"),
        environment={**environment, **wired(Ref("TableName"))},
        grants=(Grant("read-write", "table", Ref("TableArn")),),
        policy_name=named("{}-dynamodb-access", Ref("Prefix")),
    )
