"""How ECS services roll out on the stage. moto keeps services but runs no tasks and drives no rollout; this does.

ECS makes a *deployment* of every change of a service: it starts tasks of the new task definition until they are healthy
(``rolloutState`` COMPLETED) and then stops the old ones. When tasks keep stopping, the deployment circuit breaker ends
the deployment (FAILED) and, if it is to roll back, makes another one with the last task definition that worked, which
then is the PRIMARY one. CloudFormation's handler waits for that and fails the resource; there were times and races in
which it took the service for settled, and reported UPDATE_COMPLETE for a service that still runs the old tasks.

Here a service is healthy at once, unless a fault of the step ``rollout`` says otherwise: then tasks start, stop for the
reason given, write their log lines (to moto's CloudWatch Logs, where their task definition sends them) and the breaker
does as its configuration says. ``Rollouts`` is the record of all this, in ECS's own words; ``ecs_wire`` shows it in ECS's
answers, to the stage's own handler as to every other caller.
"""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.local.faults import ROLLOUT, Fault, Faults, Rule

Answer = dict[str, Any]

COMPLETED, FAILED, IN_PROGRESS = "COMPLETED", "FAILED", "IN_PROGRESS"

BREAKER_AT = 3
"""Tasks that stop before the circuit breaker acts: the least that ECS waits for."""


@dataclass
class Deployment:
    """One deployment of a service."""

    id: str
    task_definition: str
    desired: int
    status: str = "PRIMARY"
    state: str = IN_PROGRESS
    reason: str = ""
    failed: int = 0
    began: float = field(default_factory=time.time)

    @property
    def running(self) -> int:
        """Tasks that run: all of them once the rollout is completed, none before."""
        return self.desired if self.state == COMPLETED else 0

    def shown(self) -> Answer:
        """As DescribeServices tells it."""
        return {
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.task_definition,
            "desiredCount": self.desired,
            "runningCount": self.running,
            "pendingCount": 0,
            "failedTasks": self.failed,
            "createdAt": self.began,
            "updatedAt": self.began,
            "rolloutState": self.state,
            "rolloutStateReason": self.reason or f"ECS deployment {self.id} {self.state.lower().replace('_', ' ')}.",
        }


@dataclass
class Rollout:
    """The deployments of one service, newest first, its events, newest first, and its tasks that stopped."""

    arn: str
    name: str
    cluster: str
    deployments: list[Deployment] = field(default_factory=list)
    events: list[Answer] = field(default_factory=list)
    tasks: list[Answer] = field(default_factory=list)

    @property
    def primary(self) -> Deployment | None:
        """The deployment that is or was to be."""
        return self.deployments[0] if self.deployments else None

    @property
    def last_completed(self) -> Deployment | None:
        """The newest deployment that worked."""
        return next((each for each in self.deployments if each.state == COMPLETED), None)

    def begin(self, id: str, task_definition: str, desired: int) -> Deployment:
        """A new deployment; the one before runs on until it is completed."""
        deployment = Deployment(id, task_definition, desired)
        for each in self.deployments:
            each.status = "ACTIVE"
        self.deployments.insert(0, deployment)
        return deployment

    def complete(self, deployment: Deployment) -> None:
        """Its tasks are healthy: what was before is gone."""
        deployment.state = COMPLETED
        self.deployments = [deployment]
        self.tell(f"(deployment {deployment.id}) deployment completed.")
        self.tell("has reached a steady state.")

    def tell(self, words: str) -> None:
        """An event."""
        message = f"(service {self.name}) {words}"
        self.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": time.time(), "message": message})


class Rollouts:
    """The rollouts of all services of a stage by ARN."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._rollouts: dict[str, Rollout] = {}
        self._retired: dict[str, float] = {}

    def find(self, arn: str) -> Rollout | None:
        """The rollout of a service."""
        return self._rollouts.get(arn)

    def of(self, service: Mapping[str, Any]) -> Rollout:
        """The rollout of a service, new where there is none."""
        arn = service["ServiceArn"]
        return self._rollouts.setdefault(arn, Rollout(arn, service["ServiceName"], service["ClusterArn"]))

    def restart(self, arn: str) -> None:
        """A service begins its life: nothing that another one of its name did is its own. Tasks are remembered."""
        with self.lock:
            before = self._rollouts.pop(arn, None)
            if before is not None:
                self._rollouts[arn] = Rollout(arn, before.name, before.cluster, tasks=before.tasks)

    def retire(self, task_definition: str) -> None:
        """A revision is deregistered."""
        self._retired.setdefault(task_definition, time.time())

    def retired(self, task_definition: str) -> float | None:
        """When a revision was deregistered, None while it is active."""
        return self._retired.get(task_definition)

    def tasks(self) -> Iterator[tuple[Rollout, Answer]]:
        """Every task that stopped, with the rollout it belonged to."""
        yield from ((rollout, task) for rollout in list(self._rollouts.values()) for task in rollout.tasks)

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self._rollouts.clear()
            self._retired.clear()


@dataclass(frozen=True)
class Scheduler:
    """Rolls one service out: the resource at ``path``. ``client`` reaches moto's services."""

    rollouts: Rollouts
    faults: Faults
    path: str
    client: Callable[[str], Any]

    def roll_out(self, service: Mapping[str, Any]) -> None:
        """Bring a service's tasks to what it was asked for. Raises Fault as CloudFormation's handler tells a failure.

        ``service`` is as DescribeServices tells it, in CloudFormation's words. One without deployments of its own (another
        deployment controller) is left alone, and where no task is wanted none can fail.
        """
        if not service["Deployments"]:
            return
        rule = self.faults.take(self.path, ROLLOUT) if service["DesiredCount"] else None
        with self.rollouts.lock:
            rollout = self.rollouts.of(service)
            deployment = self._begin(rollout, service, again=rule is not None)
        if rule is None:
            self._complete(rollout, deployment)
            return
        if not rule.fail:
            rollout.tell(f"has started {deployment.desired} tasks: (task {_new_id()}).")
            self.faults.wait(rule)
            self._complete(rollout, deployment)
            return
        self._stop_tasks(rollout, deployment, rule)
        self.faults.wait(rule)
        self._break(rollout, deployment, service, rule)

    def _begin(self, rollout: Rollout, service: Mapping[str, Any], *, again: bool) -> Deployment:
        """A deployment of its own for a new id, and for one that is to go wrong; other changes leave it as it is."""
        known = rollout.primary
        id, arn = service["Deployments"][0]["Id"], service["TaskDefinition"]
        if known is not None and known.id == id and not again:
            known.task_definition, known.desired = arn, service["DesiredCount"]
            return known
        if known is not None and known.id == id:
            id = self._deploy(rollout, arn)
        return rollout.begin(id, arn, service["DesiredCount"])

    def _deploy(self, rollout: Rollout, task_definition: str) -> str:
        """Tell moto of a new deployment; its id."""
        updated = self.client("ecs").update_service(
            cluster=rollout.cluster, service=rollout.name, taskDefinition=task_definition, forceNewDeployment=True
        )
        return str(updated["service"]["deployments"][0]["id"])

    def _complete(self, rollout: Rollout, deployment: Deployment) -> None:
        with self.rollouts.lock:
            if deployment.state != COMPLETED:
                rollout.complete(deployment)

    def _stop_tasks(self, rollout: Rollout, deployment: Deployment, rule: Rule) -> None:
        definition = self.client("ecs").describe_task_definition(taskDefinition=deployment.task_definition)
        container = definition["taskDefinition"]["containerDefinitions"][0]
        for _ in range(BREAKER_AT):
            task = _stopped_task(rollout, deployment, container, rule)
            identity = task["taskArn"].rpartition("/")[2]
            self._log(container, identity, rule.log)
            with self.rollouts.lock:
                rollout.tasks.append(task)
                deployment.failed += 1
                rollout.tell(f"has started 1 tasks: (task {identity}).")

    def _log(self, container: Mapping[str, Any], task: str, text: str) -> None:
        """Write what the container said where its task definition sends it."""
        options = container.get("logConfiguration", {}).get("options", {})
        group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
        if not text or not group or not prefix:
            return
        place = {"logGroupName": group, "logStreamName": f"{prefix}/{container['name']}/{task}"}
        logs, now = self.client("logs"), int(time.time() * 1000)
        logs.create_log_stream(**place)
        logs.put_log_events(**place, logEvents=[{"timestamp": now, "message": line} for line in text.splitlines()])

    def _break(self, rollout: Rollout, deployment: Deployment, service: Mapping[str, Any], rule: Rule) -> None:
        """What the circuit breaker does; without one ECS starts tasks for ever and CloudFormation gives up at last."""
        breaker = (service.get("DeploymentConfiguration") or {}).get("DeploymentCircuitBreaker") or {}
        rollout.tell("is unable to consistently start tasks successfully.")
        if breaker.get("Enable"):
            self._end(rollout, deployment, back=bool(breaker.get("Rollback")))
        if not rule.silent and breaker.get("Enable"):
            raise Fault("Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.")
        if not rule.silent:
            raise Fault("Exceeded attempts to wait", "NotStabilized")

    def _end(self, rollout: Rollout, deployment: Deployment, *, back: bool) -> None:
        with self.rollouts.lock:
            deployment.state = FAILED
            deployment.reason = "ECS deployment circuit breaker: tasks failed to start."
            rollout.tell(f"(deployment {deployment.id}) deployment failed: tasks failed to start.")
            last = rollout.last_completed
            if back and last is not None:
                rollout.tell(f"rolling back to deployment {last.id}.")
                id = self._deploy(rollout, last.task_definition)
                rollout.complete(rollout.begin(id, last.task_definition, last.desired))


def _stopped_task(rollout: Rollout, deployment: Deployment, container: Mapping[str, Any], rule: Rule) -> Answer:
    """A task that stopped, as DescribeTasks tells it."""
    ran = rule.exit_code is not None
    checked = rule.fail.startswith("Task failed ")  # ... container health checks, ... ELB health checks in (...)
    code = "ServiceSchedulerInitiated" if checked else "EssentialContainerExited" if ran else "TaskFailedToStart"
    arn = f"{rollout.cluster.replace(':cluster/', ':task/')}/{_new_id()}"
    told = {"exitCode": rule.exit_code} if ran else {}
    return {
        "taskArn": arn,
        "clusterArn": rollout.cluster,
        "taskDefinitionArn": deployment.task_definition,
        "startedBy": deployment.id,
        "group": f"service:{rollout.name}",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": code,
        "stoppedReason": rule.fail,
        "createdAt": time.time(),
        "stoppedAt": time.time(),
        "containers": [{"name": container["name"], "taskArn": arn, "lastStatus": "STOPPED", **told}],
    }


def _new_id() -> str:
    return secrets.token_hex(16)
