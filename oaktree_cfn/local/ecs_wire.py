"""ECS's answers on the stage: moto's, completed with what only ``rollouts`` knows.

Callers see deployments, events and stopped tasks in ECS's own protocol (JSON, the operation in ``X-Amz-Target``). All
else passes through to moto as it came. A service that was changed past the stage's CloudFormation is told as moto has it:
rolled out to its task definition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from oaktree_cfn.local.rollouts import Answer, Deployment, Rollout, Rollouts

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_TARGET = "AmazonEC2ContainerServiceV20141113."
_STATE = "COMPLETED"


class EcsWire:
    """moto's WSGI application with ECS's answers completed."""

    def __init__(self, app: Wsgi, rollouts: Rollouts) -> None:
        self._app = app
        self._rollouts = rollouts
        self._played: Mapping[str, Callable[[dict[str, Any], Answer], Any]] = {
            "CreateService": self._create_service,
            "DeregisterTaskDefinition": self._deregister,
            "DescribeServices": self._describe_services,
            "DescribeTaskDefinition": self._describe_task_definition,
            "ListTasks": self._list_tasks,
        }

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """moto's answer, or a completed one."""
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        action = target.removeprefix(_TARGET) if target.startswith(_TARGET) else ""
        if action not in self._played and action != "DescribeTasks":
            return self._app(environ, start)
        body = Request(environ).get_data()
        asked = json.loads(body or b"{}")
        if action == "DescribeTasks":
            answer = self._describe_tasks(environ, asked)
        else:
            answer = self._ask(environ, body)
            if answer.status_code == 200:
                answer = self._completed(action, asked, answer)
        return answer(environ, start)

    def _ask(self, environ: dict[str, Any], body: bytes) -> Response:
        passed = {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        chunks, status, headers = run_wsgi_app(self._app, passed)
        return Response(b"".join(chunks), status, headers)

    def _completed(self, action: str, asked: dict[str, Any], answer: Response) -> Response:
        told = json.loads(answer.get_data())
        with self._rollouts.lock:
            self._played[action](asked, told)
        answer.set_data(json.dumps(told))
        return answer

    # Services

    def _create_service(self, _: dict[str, Any], told: Answer) -> None:
        self._rollouts.restart(told["service"]["serviceArn"])

    def _describe_services(self, _: dict[str, Any], told: Answer) -> None:
        for service in told["services"]:
            rollout = self._rollouts.find(service["serviceArn"])
            service["events"] = [*rollout.events] if rollout is not None else []
            if service.get("capacityProviderStrategy"):
                service.pop("launchType", None)  # ECS tells one or the other
            if service.get("deployments"):
                _complete(service, rollout)

    # Task definitions: moto does not say when one was deregistered

    def _deregister(self, _: dict[str, Any], told: Answer) -> None:
        self._rollouts.retire(told["taskDefinition"]["taskDefinitionArn"])
        self._describe_task_definition(_, told)

    def _describe_task_definition(self, _: dict[str, Any], told: Answer) -> None:
        found = told["taskDefinition"]
        when = self._rollouts.retired(found["taskDefinitionArn"])
        found.update({"deregisteredAt": when} if when is not None else {})

    # Tasks

    def _list_tasks(self, asked: dict[str, Any], told: Answer) -> None:
        if asked.get("desiredStatus") == "STOPPED":
            told["taskArns"] += [task["taskArn"] for rollout, task in self._rollouts.tasks() if _asked(asked, rollout)]

    def _describe_tasks(self, environ: dict[str, Any], asked: dict[str, Any]) -> Response:
        ids = {each.rpartition("/")[2]: each for each in asked.get("tasks", ())}
        ours = [task for _, task in self._rollouts.tasks() if task["taskArn"].rpartition("/")[2] in ids]
        known = {task["taskArn"].rpartition("/")[2] for task in ours}
        rest = [each for id, each in ids.items() if id not in known]
        if ours and not rest:
            told = json.dumps({"tasks": ours, "failures": []})
            return Response(told, content_type="application/x-amz-json-1.1")
        answer = self._ask(environ, json.dumps({**asked, "tasks": rest}).encode())
        if ours and answer.status_code == 200:
            found = json.loads(answer.get_data())
            answer.set_data(json.dumps({**found, "tasks": [*ours, *found["tasks"]]}))
        return answer


def _complete(service: Answer, rollout: Rollout | None) -> None:
    """The service's deployments: those of its rollout, or the one that moto knows, rolled out."""
    told = service["deployments"][0]
    primary = rollout.primary if rollout is not None else None
    deployments = [Deployment(told["id"], service["taskDefinition"], service["desiredCount"], state=_STATE)]
    if rollout is not None and primary is not None and primary.id == told["id"]:
        deployments = rollout.deployments if primary.task_definition == service["taskDefinition"] else deployments
        if primary.state == _STATE:
            primary.desired = service["desiredCount"]  # an autoscaler, or somebody, has changed it since
    service["deployments"] = [{**told, **each.shown()} for each in deployments]
    service["runningCount"] = sum(each.running for each in deployments)


def _asked(asked: Mapping[str, Any], rollout: Rollout) -> bool:
    """Whether ListTasks asks for the tasks of this service."""
    cluster = asked.get("cluster", "default").rpartition("/")[2]
    service = asked.get("serviceName", rollout.name).rpartition("/")[2]
    return (rollout.cluster.rpartition("/")[2], rollout.name) == (cluster, service)
