"""What must agree before a rollout goes on: a Lambda function, or a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from awacs import awslambda
from awacs.aws import Allow, Statement
from troposphere import ecs
from troposphere.iam import Policy, Role

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.roles import document, trusted_by

STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
MOVING = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""Stages in which traffic is moving: nobody can be waited for."""


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Asks at a stage of a rollout. Without a function it pauses until a person says ``aws ecs
    continue-service-deployment``; the deploy of the stack waits meanwhile.
    """

    stages: tuple[Value, ...] = fields.several(fields.Choice(STAGES), "Stages of the rollout at which it is asked.")
    function: Value = fields.arn(
        None, "ARN of the Lambda function to ask; without one the rollout pauses for a person.", "lambda"
    )
    role: Value = fields.arn(
        None, "ARN of the role with which ECS calls the function; one is made where none is given.", "iam"
    )
    timeout: Value = fields.number(1440, 1, 20160, "Minutes to wait for the answer.")
    timeout_action: Value = fields.choice(
        "ROLLBACK", ("ROLLBACK", "CONTINUE"), "What to do when there is none in time."
    )

    def contradictions(self) -> Iterator[Problem]:
        """A hook without stages is never asked; only a function needs a role, and only it can be asked on the move."""
        if not self.stages:
            yield Problem("stages", "there is none", f"Name one of {', '.join(STAGES)}")
        if self.function is not None:
            return
        if self.role is not None:
            yield Problem("role", "a pause calls nothing", "Leave it out, or give the function")
        for index, stage in enumerate(self.stages):
            if stage in MOVING:
                fix = "Pause before or after it, or give a function"
                yield Problem(f"stages.{index}", f"a rollout cannot pause at {stage}", fix)

    def render(self, ground: Ground) -> ecs.DeploymentLifecycleHook:
        """The deployment configuration's ``LifecycleHooks`` item."""
        target = {"TargetType": "PAUSE"}
        if self.function is not None:
            role = ground.att("HookRole", "Arn") if self.role is None else self.role
            target = {"TargetType": "AWS_LAMBDA", "HookTargetArn": self.function, "RoleArn": role}
        return ecs.DeploymentLifecycleHook(
            LifecycleStages=list(self.stages),
            TimeoutConfiguration=ecs.HookTimeoutConfig(TimeoutInMinutes=self.timeout, Action=self.timeout_action),
            **target,
        )


def hook_role(ground: Ground, hooks: Iterable[Hook]) -> Iterator[Role]:
    """The role with which ECS calls the functions of the hooks that name none; no role where there is no such hook."""
    functions = [hook.function for hook in hooks if hook.function is not None and hook.role is None]
    if functions:
        call = Statement(Sid="Ask", Effect=Allow, Action=[awslambda.InvokeFunction], Resource=functions)
        yield Role(
            ground.id("HookRole"),
            RoleName=ground.name("{}-hook-role"),
            Description="ECS asks the functions that must agree to a rollout with it",
            AssumeRolePolicyDocument=trusted_by("ecs.amazonaws.com"),
            Policies=[Policy(PolicyName="ask-functions", PolicyDocument=document([call]))],
        )
