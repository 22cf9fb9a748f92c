"""What people fill in and read of a template: parameters in the console's groups, conditions' switches, outputs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import Equals, Export, If, Not, NoValue, Output, Parameter, Ref, Tags, Template
from troposphere.iam import Role

from oaktree_cfn.services import fields
from oaktree_cfn.services.web_service import WebService

INTERFACE = "AWS::CloudFormation::Interface"

NAMES = "Names"
WIRING = "From the other stacks"
"""The group of parameters that a parent stack fills in and no person should have to."""


def begin(blueprint: object, description: str = "") -> Template:
    """An empty template, described by the first line of the blueprint's docstring unless told otherwise."""
    template = Template(Description=description or (inspect.getdoc(type(blueprint)) or "").partition("\n")[0])
    template.set_version()
    return template


def ask(template: Template, group: str, questions: Mapping[str, Parameter]) -> None:
    """Add parameters under a group of the console's form, each with its label."""
    for label, parameter in questions.items():
        template.add_parameter(parameter)
        template.add_parameter_to_group(parameter, group)
        template.set_parameter_label(parameter, label)


def text(name: str, description: str, *, pattern: str, constraint: str, **more: Any) -> Parameter:
    """A parameter whose whole value matches ``pattern``; ``constraint`` ends the sentence "it must be …"."""
    return Parameter(
        name,
        Type="String",
        Description=description,
        AllowedPattern=f"^{pattern}$",
        ConstraintDescription=f"must be {constraint}",
        **more,
    )


def choice(name: str, description: str, values: Sequence[str], default: str, constraint: str = "") -> Parameter:
    """A parameter that takes one of a few values; ``constraint`` says so shorter than a list of them would."""
    return Parameter(
        name,
        Type="String",
        Description=description,
        AllowedValues=list(values),
        ConstraintDescription=f"must be {constraint or 'one of ' + ', '.join(values)}",
        Default=default,
    )


def switch(name: str, description: str, *, default: bool) -> Parameter:
    """A yes-or-no parameter, ``"true"`` or ``"false"`` as CloudFormation spells them."""
    return choice(name, description, ("true", "false"), str(default).lower())


def asked(cls: type, field: str, name: str, default: Any = None) -> Parameter:
    """The parameter that asks for a field of a description: its type, bounds, constraint and sentence are the field's.

    ``default`` is the field's own unless given. Raises KeyError for a field there is not.
    """
    kind, says = fields.kind_of(cls, field), fields.says_of(cls, field)
    usual = fields.default_of(cls, field) if default is None else default
    match kind:
        case fields.Number():
            return number(name, says, usual, kind.low, kind.high, decimals=kind.decimals)
        case fields.Choice():
            return choice(name, says, kind.values, str(usual), kind.constraint)
        case fields.Switch():
            return switch(name, says, default=bool(usual))
        case fields.Text():
            more = {} if usual is None else {"Default": usual}
            return text(name, says, pattern=kind.pattern, constraint=kind.says, MaxLength=kind.longest, **more)
    raise TypeError(f"{cls.__name__}.{field}: no single parameter can ask for {kind.says}")


def number(
    name: str, description: str, default: float | None, low: float, high: float, *, decimals: int | None = 0
) -> Parameter:
    """A number from ``low`` to ``high``, to be given where there is no default. CloudFormation itself cannot tell a whole
    one from others.
    """
    more = {} if default is None else {"Default": default}
    return Parameter(
        name,
        Type="Number",
        Description=description,
        MinValue=low,
        MaxValue=high,
        ConstraintDescription=f"must be {fields.Number(low, high, decimals).says}",
        **more,
    )


def given(name: str, description: str) -> Parameter:
    """A value of another stack. It has no pattern: in a nested change set CloudFormation passes a placeholder for it."""
    return Parameter(
        name, Type="String", Description=description, MinLength=1, ConstraintDescription="must not be empty"
    )


def given_list(name: str, description: str) -> Parameter:
    """A list of values of another stack, joined by commas, as stack outputs carry lists."""
    return Parameter(name, Type="CommaDelimitedList", Description=description)


def given_names(name: str, description: str) -> Parameter:
    """Names of things of another stack, joined by commas; empty for none."""
    return Parameter(
        name,
        Type="String",
        Description=description,
        MaxLength=4096,
        ConstraintDescription="must be at most 4096 characters",
        Default="",
    )


def prefix() -> Parameter:
    """The one name all others begin with. 28 characters leave room for the longest: a load balancer's 32."""
    return text(
        "Prefix",
        "Name that every resource's name begins with; the name of the root stack, for example oaktree-dev.",
        pattern="(?!internal-)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        constraint="3 to 28 lower-case letters, digits and single hyphens, starting with a letter, not with internal-",
        MinLength=3,
        MaxLength=28,
    )


def container_port() -> Parameter:
    """The port the application listens on."""
    return asked(WebService, "port", "ContainerPort")


def certificate() -> Parameter:
    """The certificate that switches HTTPS on."""
    return text(
        "CertificateArn",
        "ARN of a certificate of AWS Certificate Manager in this region. When given, the load balancer speaks HTTPS and "
        "redirects HTTP to it; empty for HTTP only.",
        pattern="(arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+)?",
        constraint="empty or the ARN of a certificate of AWS Certificate Manager",
        Default="",
    )


def task_subnets() -> Parameter:
    """Where tasks run."""
    return choice(
        "TaskSubnets",
        "Where tasks run: in private subnets, reaching out through NAT, or in public ones with a public IP of their own.",
        ("public", "private"),
        "private",
    )


def execute_command() -> Parameter:
    """Whether a shell may be opened in a task: the cluster keeps the record of it, each service allows it or not."""
    return switch(
        "ExecuteCommand",
        "Whether people who may call ecs:ExecuteCommand can run commands in running tasks (ECS Exec). What they type and "
        "see is recorded.",
        default=False,
    )


def bound_roles(template: Template) -> None:
    """Let people put a permissions boundary on the template's roles: what they may do at most. Nothing where there are none."""
    roles = [resource for resource in template.resources.values() if isinstance(resource, Role)]
    if not roles:
        return
    ask(template, "Security", {"Permissions boundary": _permissions_boundary()})
    template.add_condition("HasPermissionsBoundary", Not(Equals(Ref("PermissionsBoundaryArn"), "")))
    for role in roles:
        role.PermissionsBoundary = If("HasPermissionsBoundary", Ref("PermissionsBoundaryArn"), NoValue)


def _permissions_boundary() -> Parameter:
    return text(
        "PermissionsBoundaryArn",
        "ARN of a managed policy that says what the roles may do at most (ApplicationBoundaryArn of the pipeline's stack); "
        "empty for no bound but their own policies.",
        pattern=r"(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]{1,640})?",
        constraint="empty or the ARN of a managed policy of IAM",
        Default="",
    )


def tell(
    template: Template, name: str, description: str, value: Any, export: Any = None, condition: str | None = None
) -> None:
    """Add an output; ``export`` is its name for other stacks. Under a condition that does not hold there is none."""
    more = {"Export": Export(export)} if export else {}
    more |= {"Condition": condition} if condition else {}
    template.add_output(Output(name, Description=description, Value=value, **more))


def is_true(parameter: str) -> Equals:
    """Whether a switch is on."""
    return Equals(Ref(parameter), "true")


def name_tag(name: Any) -> Tags:
    """The ``Name`` tag, for resources whose own name must stay free. Other tags come with the stack."""
    return Tags(Name=name)
