"""A tour of reviews on the local stage: eight changes to a deployed environment, and what is said of each.

    python -m examples.review_tour [FOLDER]

Works in FOLDER (a temporary one otherwise) with templates and environments of its own, and starts a local stage there.
Every stop of the tour changes a copy of the templates or a parameter, asks ``oaktree review`` what deploying that would do,
and changes nothing. Exits 0 when every answer was the expected one.
"""

from __future__ import annotations

import copy
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from examples.command import oaktree
from oaktree_cfn.template.read import load
from oaktree_cfn.template.write import to_yaml

PROJECT = Path(__file__).resolve().parents[1]
REFUSED = 3

Template = dict[str, Any]

CONSUMER = """\
Resources:
  Where:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !ImportValue oaktree-local-VpcId
"""


IMAGE = """{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
    {"digest": "sha256:%s", "platform": {"os": "linux", "architecture": "amd64"}}]}""" % ("0a" * 32)
"""An image for the tasks' processor; the stage runs none."""


@dataclass(frozen=True)
class Stop:
    """One change: which template is edited and how, which options are given, what is expected."""

    title: str
    file: str = ""
    edit: Callable[[Template], None] = lambda _: None
    options: tuple[str, ...] = ()
    code: int = 0


def other_key(template: Template) -> None:
    """The users table with another partition key."""
    table = template["Resources"]["UsersTable"]["Properties"]
    table["KeySchema"][0]["AttributeName"] = table["AttributeDefinitions"][0]["AttributeName"] = "email"


def open_to_the_world(template: Template) -> None:
    """PostgreSQL's port of the tasks, for everyone."""
    rules = template["Resources"]["TaskSecurityGroup"]["Properties"]["SecurityGroupIngress"]
    rules.append({"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0", "Description": "oops"})


def all_of_dynamodb(template: Template) -> None:
    """Every action of DynamoDB for the task role."""
    document = template["Resources"]["TaskPolicy"]["Properties"]["PolicyDocument"]
    document["Statement"][0]["Action"] = ["dynamodb:*"]


def renamed_export(template: Template) -> None:
    """The VPC's id under another name."""
    template["Outputs"]["VpcId"]["Export"]["Name"] = {"Fn::Sub": "${Prefix}-Vpc"}


def tagged_vpc(template: Template) -> None:
    """One more tag on the VPC: nothing that any other stack sees."""
    tags = template["Resources"]["Vpc"]["Properties"].setdefault("Tags", [])
    tags.append({"Key": "purpose", "Value": "tour"})


def another_output(template: Template) -> None:
    """One more output of the root stack."""
    template["Outputs"]["ClusterRegion"] = {"Description": "Where it runs.", "Value": {"Ref": "AWS::Region"}}


STOPS = (
    Stop("A new image", options=("--parameter", "ImageTag=1a2b3c4")),
    Stop("A health check value", options=("--parameter", "HealthCheckInterval=45")),
    Stop("The table's key", "data", other_key, code=REFUSED),
    Stop("A port open to the world", "network", open_to_the_world, code=REFUSED),
    Stop("All of DynamoDB for the task role", "service", all_of_dynamodb, code=REFUSED),
    Stop("An export renamed while another stack imports it", "root", renamed_export, code=REFUSED),
    Stop("A parameter that falsely reads as a replacement", "network", tagged_vpc),
    Stop("Nothing but an output", "root", another_output),
)


def prepare(folder: Path) -> None:
    """Deploy the environment, push an image, and make a stack beside it that imports its VPC."""
    for name in ("templates", "environments"):
        shutil.copytree(PROJECT / name, folder / name)
    deployed = oaktree(folder, "deploy", "--env", "local", "--no-lint")
    if deployed.returncode != 0:
        raise SystemExit(deployed.stderr)
    found = dict(re.findall(r"export (\w+)='?([^'\n]*)'?", oaktree(folder, "local", "env").stdout))
    session = boto3.Session(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], region_name=found["AWS_REGION"])
    ecr, client = (session.client(name, endpoint_url=found["AWS_ENDPOINT_URL"]) for name in ("ecr", "cloudformation"))
    ecr.put_image(repositoryName="oaktree-local", imageTag="1a2b3c4", imageManifest=IMAGE)
    client.create_stack(StackName="billing", TemplateBody=CONSUMER)
    client.get_waiter("stack_create_complete").wait(
        StackName="billing", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )


def visit(folder: Path, stop: Stop) -> bool:
    """Review one change; whether the answer was the expected one."""
    changed = folder / "changed"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(folder / "templates", changed)
    if stop.file:
        path = changed / f"{stop.file}.yaml"
        template = copy.deepcopy(load(path))
        stop.edit(template)
        path.write_text(to_yaml(template), encoding="utf-8")
    done = oaktree(folder, "review", "--env", "local", "--no-lint", "--templates", str(changed), *stop.options)
    print(f"\n## {stop.title}\n\n{done.stdout}{done.stderr}exit code {done.returncode}")
    return done.returncode == stop.code


def main(folder: Path) -> int:
    """Take the tour."""
    try:
        prepare(folder)
        answers = [visit(folder, stop) for stop in STOPS]
    finally:
        oaktree(folder, "local", "stop")
    print(f"\n{sum(answers)} of {len(answers)} answers as expected")
    return 0 if all(answers) else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as name:
        sys.exit(main(Path(name)))
