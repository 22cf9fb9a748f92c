"""The three steps past an export in use: refused, frozen, moved, dropped."""

from __future__ import annotations

import time

import pytest

from oaktree_cfn.local.process import Stage
from tests.end_to_end.place import Place, make_place

CONSUMER = "Resources: {Where: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !ImportValue oaktree-local-VpcId}}}"
MOVED = "Resources: {Where: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: somewhere else}}}"


@pytest.fixture
def used(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    return make_place(tmp_path_factory.mktemp("used"), stage)


def settle(place: Place, stack: str) -> str:
    while True:
        found = place.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return str(found["StackStatus"])
        time.sleep(0.05)


def test_an_export_in_use_changes_in_three_steps(used: Place) -> None:
    assert used.deploy().returncode == 0
    client = used.client("cloudformation")
    (vpc,) = [e["Value"] for e in client.list_exports()["Exports"] if e["Name"] == "oaktree-local-VpcId"]
    client.create_stack(StackName="billing", TemplateBody=CONSUMER)
    assert settle(used, "billing") == "CREATE_COMPLETE"
    assert "oaktree-local-VpcId  " + vpc + "\n  imported by billing" in used.run("exports", "--env", "local").stdout

    root = used.folder / "templates" / "root.yaml"
    root.write_text(root.read_text().replace("Name: !Sub ${Prefix}-VpcId", "Name: !Sub ${Prefix}-Vpc"))
    changed = ("--templates", "templates")
    refused = used.deploy(*changed)
    assert refused.returncode == 3
    assert "billing imports it" in refused.stdout + refused.stderr

    used.edit(lambda text: f'{text}\n[frozen_exports]\noaktree-local-VpcId = "{vpc}"\n')
    frozen = used.deploy(*changed)
    assert frozen.returncode == 0, frozen.stderr
    exports = {e["Name"]: e["Value"] for e in client.list_exports()["Exports"]}
    assert exports["oaktree-local-VpcId"] == exports["oaktree-local-Vpc"] == vpc

    client.update_stack(StackName="billing", TemplateBody=MOVED)
    assert settle(used, "billing") == "UPDATE_COMPLETE"
    used.edit(lambda text: text.partition("\n[frozen_exports]")[0])
    assert used.deploy(*changed).returncode == 0
    assert "oaktree-local-VpcId" not in {e["Name"] for e in client.list_exports()["Exports"]}
