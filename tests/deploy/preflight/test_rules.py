"""The folder of rules: whole, documented, tested; who may not look says so, and no question is asked twice or in vain."""

from __future__ import annotations

import runpy
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn import environment
from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.deploy.preflight import Account, Wanted, look, rules
from oaktree_cfn.errors import AwsError
from oaktree_cfn.template import tree

from .conftest import ID, REGION, Ground, service

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each operation was called."""
    made: Counter[str] = Counter()
    call, lock = Connection.call, threading.Lock()

    def counted(self: Connection, service: str, operation: str, **arguments: Any) -> Any:
        with lock:
            made[operation] += 1
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", counted)
    return made


def test_every_rule_says_what_why_and_what_to_do() -> None:
    for rule in rules():
        assert all(len(text) > 20 for text in (rule.what, rule.why, rule.fix)), rule.id
        assert rule.fix.endswith("."), rule.id


def test_every_rule_has_its_tests() -> None:
    tested = {path.stem.removeprefix("test_").replace("_", "-") for path in Path(__file__).parent.glob("test_*.py")}
    assert {rule.id for rule in rules()} == tested - {"rules"}


def test_the_page_is_what_the_rules_say() -> None:
    page = runpy.run_path(str(PROJECT / "docs" / "preflight.py"))["page"]()
    assert (PROJECT / "docs" / "preflight.md").read_text(encoding="utf-8") == page, "run: python docs/preflight.py"


def test_the_page_names_every_call_that_is_made() -> None:
    page = (PROJECT / "docs" / "preflight.md").read_text(encoding="utf-8")
    for name in (
        "BatchGetImage",
        "DescribeCertificate",
        "GetSecretValue",
        "DescribeParameters",
        "DescribeRules",
        "ListExports",
    ):
        assert f":{name}`" in page


@pytest.mark.parametrize("name", ["dev", "local"])
def test_our_own_templates_give_no_reason_to_ask_once_they_are_deployed(
    name: str, ground: Ground, calls: Counter[str]
) -> None:
    ours = environment.load(name, PROJECT / "environments")
    wanted = Wanted.of(tree.load(PROJECT / "templates" / "root.yaml"), ours, ours.parameters)
    deployed = ground.deploy("x", "Resources: {Topic: {Type: AWS::SNS::Topic}}")
    assert wanted.exports
    looked = look(wanted, Account(ground.aws, ID, deployed))
    assert (looked.findings, looked.warnings) == ((), ())
    assert set(calls) == {"describe_stacks", "list_exports"}, "and that is for the exports, which are new"


def test_an_image_is_the_only_question_about_what_is_deployed_already(ground: Ground, calls: Counter[str]) -> None:
    ours = environment.load("local", PROJECT / "environments")
    values = {**ours.parameters, "ImageTag": "1"}
    wanted = Wanted.of(tree.load(PROJECT / "templates" / "root.yaml"), ours, values)
    looked = look(Wanted(wanted.system), Account(ground.aws, ID))
    assert [each.place for each in looked.findings] == ["Service/TaskDefinition.ContainerDefinitions.0.Image"]
    assert dict(calls) == {"batch_get_image": 1}


def test_what_two_rules_want_to_know_is_asked_once(ground: Ground, calls: Counter[str]) -> None:
    ec2 = ground.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24")["Subnet"]["SubnetId"] for i in range(2)]
    one = service(subnets=f"[{subnets[0]}]")
    other = (
        service(subnets=f"[{', '.join(subnets)}]").replace("Service:\n", "Other:\n", 1).replace("Task:\n", "More:\n")
    )
    assert {each.rule for each in ground.look(one + other).findings} == {"way-out"}
    assert dict(calls) == {"describe_subnets": 1, "describe_route_tables": 1, "describe_vpc_endpoints": 1}


def test_a_rule_that_may_not_look_says_so_by_its_name_and_the_others_go_on(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Connection.call

    def denied(self: Connection, service: str, operation: str, **arguments: Any) -> Any:
        if operation == "describe_secret":
            raise AwsError("DescribeSecret", "AccessDeniedException", "not you\nreally")
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", denied)
    arn = f"arn:aws:secretsmanager:{REGION}:{ID}:secret:x-abc123"
    looked = ground.look(service(secrets=f"[{{Name: A, ValueFrom: '{arn}'}}, {{Name: B, ValueFrom: /nothing}}]"))
    assert looked.warnings == ("secret: could not look: DescribeSecret failed with AccessDeniedException: not you",)
    assert [each.rule for each in looked.findings] == ["parameter"]


def test_where_nobody_answers_everything_that_asks_is_a_warning() -> None:
    nobody = Aws(REGION, "http://127.0.0.1:9")
    wanted = Wanted.of(
        tree.load(PROJECT / "templates" / "root.yaml"), environment.load("dev", PROJECT / "environments"), {}
    )
    looked = look(wanted, Account(nobody, ID))
    assert looked.findings == ()
    assert [warning.partition(":")[0] for warning in looked.warnings] == ["export-name"]
