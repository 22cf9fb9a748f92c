"""The pipeline: how a repository on GitHub gets into this account, without a key that anybody could lose.

Jobs take roles with tokens of GitHub's OIDC provider (``services/github.py`` says which jobs). Four roles share the work, so that no
one of them can do it all:

- *plan*, for pull requests, and for the branch that is deployed: uploads templates, makes and removes change sets, reads what a
  review shows. It executes nothing.
- *deploy*, for jobs of one environment of GitHub, which reviewers guard: also executes change sets, and reads how it went.
- *image*, for jobs of the same environment: pushes to one repository of ECR, and nothing else.
- *CloudFormation's*, which no job can take: change sets are made with it and work as it. Its permissions are derived from the
  environment's own templates, as those of a product's launch role are, and are limited to the environment's names.

Two boundaries bound them. *Jobs* (``JobsBoundary``) is on the three roles of jobs and holds exactly what they may do together:
whoever attaches AdministratorAccess to one of them "to get it to work" has given it nothing. *Applications*
(``ApplicationBoundary``) is for the roles that CloudFormation makes: they can do the kinds of things that the templates' roles do
today, and nothing else. The environment puts it on its roles with the parameter ``PermissionsBoundaryArn``; ``RolesNeedBoundary``
then makes CloudFormation's role refuse rights to any role without it. That one bears no boundary itself, since what it may do is
longer than any policy can be: it is denied the pipeline's roles, policies, provider and stack outright, so that nothing it deploys
can change who may deploy.

Somebody with rights over IAM deploys this stack, and again when the templates need more than before: a type of resource, or a kind
of access, that they did not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from awacs.aws import Allow, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import Equals, GetAtt, If, Not, NoValue, Parameter, Ref, Sub, Template, iam

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints import _pipeline_rights as rights
from oaktree_cfn.blueprints.root import Root
from oaktree_cfn.services import github
from oaktree_cfn.services.names import named
from oaktree_cfn.services.roles import document
from oaktree_cfn.template.boundaries import boundary
from oaktree_cfn.template.packing import packed
from oaktree_cfn.template.permissions import Naming, statements

_PREFIX = Ref("Prefix")
_NAMING = Naming("${Prefix}-*", {"Prefix": "${Prefix}"})
_REPOSITORY = github.Repository(
    Ref("GitHubOwner"), Ref("GitHubOwnerId"), Ref("GitHubRepository"), Ref("GitHubRepositoryId")
)
_IN_ENVIRONMENT = "environment:${Environment}"
_ON_BRANCH = "ref:refs/heads/${Branch}"

_OWN = (
    *(f"role/${{Prefix}}-{name}-role" for name in ("plan", "deploy", "image", "cloudformation")),
    *(f"policy/${{Prefix}}-{name}-boundary" for name in ("jobs", "application")),
    "policy/${AWS::StackName}-*",
    f"oidc-provider/{github.HOST}",
)
"""What of IAM is the pipeline's own."""


@dataclass(frozen=True)
class Pipeline:
    """Pipeline: which jobs of a repository on GitHub may plan, push images and deploy, and what CloudFormation may do then.

    ``templates`` are those of the environment, the nested ones too; the library's own unless given.
    """

    templates: Sequence[Any] = ()

    def compose(self) -> Template:
        """The template. Raises InvalidInput for a type of resource of which nothing says what its deployment needs."""
        system = self.templates or _own_system()
        template = form.begin(self)
        _questions(template)
        template.add_condition("MakesProvider", Equals(Ref("OidcProviderArn"), ""))
        template.add_condition("HasRepository", Not(Equals(Ref("Repository"), "")))
        template.add_condition("NeedsBoundary", form.is_true("RolesNeedBoundary"))
        provider = github.provider("Provider")
        provider.Condition = "MakesProvider"
        template.add_resource([provider, *_jobs(), _jobs_boundary(), _application_boundary(system)])
        template.add_resource([_cloudformation_role(), *_permissions(system)])
        _outputs(template)
        return template


def _own_system() -> list[Any]:
    children = Root().children()
    parent = Template()
    parent.add_resource([child.stack() for child in children])
    return [parent.to_dict(), *(child.template.to_dict() for child in children)]


# Questions


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    owner, repository = _github_owner(), _github_repository()
    form.ask(template, "Repository on GitHub", {"Owner": owner, "Owner's number": _number("GitHubOwnerId", "owner")})
    number = _number("GitHubRepositoryId", "repository")
    form.ask(template, "Repository on GitHub", {"Repository": repository, "Repository's number": number})
    form.ask(template, "Repository on GitHub", {"Environment": _github_environment(), "Branch": _github_branch()})
    form.ask(template, "Account", {"OIDC provider": _provider_arn(), "Artifact bucket": _bucket()})
    form.ask(template, "Account", {"ECR repository": _ecr_repository()})
    form.ask(template, "Limits", {"Longest deploy": _longest(), "Roles need the boundary": _roles_need_boundary()})


def _github_owner() -> Parameter:
    return form.text(
        "GitHubOwner",
        "Organization or user that the repository belongs to, as GitHub spells it: capitals count.",
        pattern="[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?(_[a-z0-9]{3,8})?",
        constraint="the name of an owner on GitHub: up to 39 letters, digits and hyphens, and the short code of managed users",
    )


def _github_repository() -> Parameter:
    return form.text(
        "GitHubRepository",
        "Name of the repository without its owner, as GitHub spells it.",
        pattern=r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}",
        constraint="the name of a repository: up to 100 letters, digits, dots, hyphens and underscores",
    )


def _number(name: str, noun: str) -> Parameter:
    where = "users/OWNER" if noun == "owner" else "repos/OWNER/REPOSITORY"
    return form.text(
        name,
        f"Number that GitHub knows the {noun} by, which stays when its name changes: gh api {where} --jq .id.",
        pattern="[1-9][0-9]{0,18}",
        constraint="a number such as 1296269",
    )


def _github_environment() -> Parameter:
    return form.text(
        "GitHubEnvironment",
        "Environment of the repository whose jobs deploy; who reviews those is set on GitHub.",
        pattern="[A-Za-z0-9][A-Za-z0-9._-]{0,99}",
        constraint="up to 100 letters, digits, dots, hyphens and underscores, beginning with a letter or digit",
    )


def _github_branch() -> Parameter:
    return form.text(
        "GitHubBranch",
        "Branch that is deployed: its jobs may plan, as those of pull requests may.",
        pattern=r"(?!.*(\.\.|//))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}",
        constraint="the name of a branch: up to 200 letters, digits, dots, hyphens, underscores and slashes",
        Default="main",
    )


def _provider_arn() -> Parameter:
    return form.text(
        "OidcProviderArn",
        "ARN of GitHub's OIDC provider where the account has it already, since it can have one only; empty to make it.",
        pattern=f"(arn:aws[a-z-]*:iam::[0-9]{{12}}:oidc-provider/{github.HOST.replace('.', '[.]')})?",
        constraint=f"empty or the ARN of the provider {github.HOST}",
        Default="",
    )


def _bucket() -> Parameter:
    return form.text(
        "ArtifactBucket",
        "Bucket that templates are uploaded to: oaktree-artifacts-ACCOUNT-REGION.",
        pattern="[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        constraint="the name of a bucket in S3",
    )


def _ecr_repository() -> Parameter:
    part = "[a-z0-9]+([._-][a-z0-9]+)*"
    return form.text(
        "Repository",
        "Name of the ECR repository that images are pushed to; empty for the environment's own, which is called as the Prefix.",
        pattern=f"({part}(/{part})*)?",
        constraint="empty or the name of an ECR repository, without registry and tag",
        MaxLength=256,
        Default="",
    )


def _longest() -> Parameter:
    return form.number(
        "DeploySeconds",
        "How long a job may keep the deploy role, in seconds: longer than the longest deploy.",
        7200,
        3600,
        43200,
    )


def _roles_need_boundary() -> Parameter:
    return form.switch(
        "RolesNeedBoundary",
        "Whether CloudFormation may give rights only to roles that have the boundary of this stack. First deploy the "
        "environment with PermissionsBoundaryArn.",
        default=False,
    )


# Roles of jobs


def _jobs() -> Iterator[iam.Role]:
    environment = _REPOSITORY.subjects(_IN_ENVIRONMENT, Environment=Ref("GitHubEnvironment"))
    branch = _REPOSITORY.subjects(_ON_BRANCH, Branch=Ref("GitHubBranch"))
    asking = [*_REPOSITORY.subjects(github.PULL_REQUEST), *branch]
    yield _job("plan", "Jobs have changes shown with it", asking, _may_plan())
    yield _job("deploy", "Jobs of the environment deploy with it", environment, _may_deploy(), Ref("DeploySeconds"))
    yield _job("image", "Jobs of the environment push images with it", environment, rights.push(_repository()))


def _job(name: str, says: str, subjects: list[Sub], may: list[rights.Statement], seconds: Any = None) -> iam.Role:
    more = {} if seconds is None else {"MaxSessionDuration": seconds}
    provider = If("MakesProvider", Ref("Provider"), Ref("OidcProviderArn"))
    return iam.Role(
        f"{name.capitalize()}Role",
        RoleName=named(f"{{}}-{name}-role", _PREFIX),
        Description=says,
        AssumeRolePolicyDocument=github.trust(provider, _REPOSITORY, subjects),
        PermissionsBoundary=Ref("JobsBoundary"),
        Policies=[iam.Policy(PolicyName=name, PolicyDocument=rights.document(may))],
        **more,
    )


def _may_plan() -> list[rights.Statement]:
    return [*rights.look(_repository()), *rights.artifacts(), *rights.plan()]


def _may_deploy() -> list[rights.Statement]:
    return [*rights.look(_repository()), *rights.artifacts(), *rights.deploy()]


def _repository() -> Any:
    name = If("HasRepository", Ref("Repository"), _PREFIX)
    return Sub("arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/${Name}", Name=name)


def _jobs_boundary() -> iam.ManagedPolicy:
    """What the three may do together. What *plan* may do, *deploy* may as well."""
    return iam.ManagedPolicy(
        "JobsBoundary",
        ManagedPolicyName=named("{}-jobs-boundary", _PREFIX),
        PolicyDocument=rights.document(rights.together(_repository())),
    )


# CloudFormation's role, and the roles it makes


def _application_boundary(system: Sequence[Any]) -> iam.ManagedPolicy:
    return iam.ManagedPolicy(
        "ApplicationBoundary",
        ManagedPolicyName=named("{}-application-boundary", _PREFIX),
        PolicyDocument=rights.document(boundary(*system)),
    )


def _cloudformation_role() -> iam.Role:
    """No condition on whom CloudFormation works for: a role cannot be passed to another account's stacks."""
    bounded = rights.document(rights.only_bounded(Ref("ApplicationBoundary")))
    trusted = Statement(
        Effect=Allow, Principal=Principal("Service", "cloudformation.amazonaws.com"), Action=[AssumeRole]
    )
    return iam.Role(
        "CloudFormationRole",
        RoleName=named("{}-cloudformation-role", _PREFIX),
        Description="CloudFormation deploys the environment with it",
        AssumeRolePolicyDocument=document([trusted]),
        Policies=[
            iam.Policy(PolicyName="templates", PolicyDocument=rights.document([rights.read_templates()])),
            iam.Policy(PolicyName="never", PolicyDocument=rights.document(rights.never(_OWN))),
            If("NeedsBoundary", iam.Policy(PolicyName="only-bounded-roles", PolicyDocument=bounded), NoValue),
        ],
    )


def _permissions(system: Sequence[Any]) -> Iterator[iam.ManagedPolicy]:
    """What the templates need, in as few policies as IAM's limits allow."""
    for number, held in enumerate(packed(statements(_NAMING, *system)), 1):
        yield iam.ManagedPolicy(
            f"Permissions{number}", PolicyDocument=rights.document(held), Roles=[Ref("CloudFormationRole")]
        )


def _outputs(template: Template) -> None:
    for title in ("Plan", "Deploy", "Image", "CloudFormation"):
        form.tell(template, f"{title}RoleArn", f"{_SAYS[title]}.", GetAtt(f"{title}Role", "Arn"))
    boundary_says = "The environment's PermissionsBoundaryArn: what roles made by CloudFormation may do at most."
    form.tell(template, "ApplicationBoundaryArn", boundary_says, Ref("ApplicationBoundary"))
    provider = If("MakesProvider", Ref("Provider"), Ref("OidcProviderArn"))
    form.tell(template, "OidcProviderArn", "GitHub's OIDC provider, for other pipelines of this account.", provider)


_SAYS = {
    "Plan": "The role that changes are planned with",
    "Deploy": "The role that jobs of the environment deploy with",
    "Image": "The role that images are pushed with",
    "CloudFormation": "The role that CloudFormation works as: service_role of the environment",
}
