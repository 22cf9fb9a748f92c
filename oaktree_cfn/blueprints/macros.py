"""The macros' own stack: one Lambda function, and the macros of an account in a region that call it.

A template of SAM. It stands beside the environments, not in one: macros belong to an account and a region. Its package is
made by ``oaktree macros deploy`` (``deploy/function_package``); any other tool that packages templates takes the file that
``oaktree macros package`` writes.
"""

from __future__ import annotations

from dataclasses import dataclass

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import AWS_STACK_NAME, Equals, GetAtt, If, Not, NoValue, Ref, Sub, Template
from troposphere.cloudformation import Macro
from troposphere.iam import Policy, Role
from troposphere.logs import LogGroup
from troposphere.serverless import SERVERLESS_TRANSFORM, Function

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.grants import write_logs
from oaktree_cfn.services.task import Task

PACKAGE = "../build/macros.zip"
"""The function's package, below the project's folder; packaging replaces it by the place of the uploaded one."""

HANDLER = "oaktree_cfn.macros.handler.handle"
RUNTIME = "python3.14"
"""The newest that Lambda runs and that cfn-lint knows the end of."""

MACROS = {
    "OakTree": "Services and tables in a few lines: OakTree::WebService, OakTree::Table and others.",
    "OakTreeGrants": "Statements of a policy from what is meant: read this table, send to this queue.",
    "OakTreeDefaults": "House rules where a template says nothing: encryption, retention, tags.",
}
"""Name of a macro -> what it is for."""


@dataclass(frozen=True)
class Macros:
    """Macros: the Lambda function behind OakTree's shorthand, for every template of this account and region.

    ``memory`` (MiB) decides the function's share of a CPU too; ``timeout`` is in seconds.
    """

    memory: int = 1024
    timeout: int = 60

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        template.set_transform(SERVERLESS_TRANSFORM)
        _questions(template)
        template.add_condition("HasReservedConcurrency", Not(Equals(Ref("ReservedConcurrency"), "0")))
        macros = [_macro(name, says) for name, says in MACROS.items()]
        template.add_resource([_log(), _role(), self._function(), _errors_role(), *macros])
        form.tell(template, "FunctionArn", "What the macros call.", Ref("Function.Alias"))
        form.tell(template, "LogGroupName", "Where the function's log and CloudFormation's errors are.", Ref("Log"))
        return template

    def _function(self) -> Function:
        return Function(
            "Function",
            FunctionName=Ref(AWS_STACK_NAME),
            Description="Expands OakTree's shorthand in CloudFormation templates",
            Architectures=["arm64"],
            Runtime=RUNTIME,
            Handler=HANDLER,
            CodeUri=PACKAGE,
            MemorySize=self.memory,
            Timeout=self.timeout,
            ReservedConcurrentExecutions=If("HasReservedConcurrency", Ref("ReservedConcurrency"), NoValue),
            Role=GetAtt("Role", "Arn"),
            AutoPublishAlias="live",
            DependsOn=["Log"],  # else Lambda makes one that keeps everything for ever
        )


def _questions(template: Template) -> None:
    reserved = form.number(
        "ReservedConcurrency",
        "How many calls may run at a time, kept free for the macros and bounding them. 0 for neither: an account with a "
        "limit of 10 has none to give away.",
        5,
        0,
        1000,
    )
    days = form.asked(Task, "log_retention_days", "LogRetentionDays")
    form.ask(template, "Macros", {"Reserved concurrency": reserved, "Log retention": days})


def _log() -> LogGroup:
    """Named as Lambda names it, so that the function needs no right to make one."""
    return LogGroup("Log", LogGroupName=Sub("/aws/lambda/${AWS::StackName}"), RetentionInDays=Ref("LogRetentionDays"))


def _role() -> Role:
    return _logging_role("Role", "lambda.amazonaws.com", "The macros' function runs as this role")


def _errors_role() -> Role:
    says = "CloudFormation writes what goes wrong in the macros with it"
    return _logging_role("ErrorsRole", "cloudformation.amazonaws.com", says)


def _logging_role(title: str, service: str, says: str) -> Role:
    """A role for a service that may write to the log group, and nothing else."""
    trust = Statement(Effect=Allow, Principal=Principal("Service", [service]), Action=[AssumeRole])
    may = PolicyDocument(Version="2012-10-17", Statement=[write_logs(GetAtt("Log", "Arn"))])
    return Role(
        title,
        Description=says,
        AssumeRolePolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[trust]),
        Policies=[Policy(PolicyName="log", PolicyDocument=may)],
    )


def _macro(name: str, says: str) -> Macro:
    return Macro(
        name,
        Name=name,
        Description=says,
        FunctionName=Ref("Function.Alias"),
        LogGroupName=Ref("Log"),
        LogRoleARN=GetAtt("ErrorsRole", "Arn"),
    )
