"""The product's whole life on the local stage, as it is typed: published, provisioned twice, rehearsed, updated, terminated."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from oaktree_cfn.deploy.watch import Watcher
from tests.catalog.ground import ACCOUNT, REGION, Ground

FORM = {
    "Platform": "oaktree-local",
    "Repository": "oaktree-local",
    "ImageTag": "1",
    "RetainTable": "false",
    "TableDeletionProtection": "false",
}
ADDRESSES = {"orders": {"Path": "/orders/*", "Priority": "10"}, "bills": {"Path": "/bills/*", "Priority": "11"}}


def said(values: dict[str, str]) -> list[str]:
    return [f"--parameter={key}={value}" for key, value in values.items()]


def catalog(place: Ground, command: str, *arguments: str, code: int = 0) -> Any:
    found = place.oaktree("catalog", command, "--env", "local", *arguments)
    assert found.code == code, found.err + found.out
    return found


def versions(place: Ground) -> list[dict[str, Any]]:
    found = place.client("servicecatalog")
    (product,) = found.search_products_as_admin()["ProductViewDetails"]
    id_ = product["ProductViewSummary"]["ProductId"]
    return list(found.list_provisioning_artifacts(ProductId=id_)["ProvisioningArtifactDetails"])


def products(place: Ground) -> dict[str, dict[str, Any]]:
    found = place.client("servicecatalog").search_provisioned_products()["ProvisionedProducts"]
    return {each["Name"]: each for each in found}


def edit(place: Ground, change: Callable[[str], str]) -> None:
    path = place.folder / "templates" / "product.yaml"
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


@pytest.fixture(scope="module")
def published(platform: Ground) -> Ground:
    catalog(platform, "publish")
    return platform


@pytest.fixture(scope="module")
def provisioned(published: Ground) -> Ground:
    for name, address in ADDRESSES.items():
        catalog(published, "provision", name, *said(FORM | address))
    return published


def test_publishing_again_changes_nothing(published: Ground) -> None:
    before = versions(published)
    again = catalog(published, "publish", "--no-lint")
    assert "no new version" in again.out
    assert "nothing to change" in again.err
    assert versions(published) == before
    assert len(before) == 1


def test_a_version_is_immutable_its_address_is_its_hash(published: Ground) -> None:
    (version,) = versions(published)
    catalog_ = published.client("servicecatalog")
    (product,) = catalog_.search_products_as_admin()["ProductViewDetails"]
    told = catalog_.describe_provisioning_artifact(
        ProductId=product["ProductViewSummary"]["ProductId"], ProvisioningArtifactId=version["Id"]
    )
    assert f"oaktree-artifacts-{ACCOUNT}-{REGION}" in told["Info"]["TemplateUrl"]
    assert len(told["Info"]["TemplateUrl"].rpartition("/")[2]) == 64 + len(".json")


def test_it_is_shared_with_the_organization_and_with_nobody_else(published: Ground) -> None:
    refused = catalog(published, "publish", "--no-lint", "--share", "123456789012", code=2)
    assert "organization" in refused.err
    once = catalog(published, "publish", "--no-lint", "--share", "ou-ab12-cdefghij")
    assert "is shared with ou-ab12-cdefghij" in once.out
    assert "is shared" not in catalog(published, "publish", "--no-lint", "--share", "ou-ab12-cdefghij").out


def test_two_live_side_by_side_each_a_stack_of_its_own(provisioned: Ground) -> None:
    found = products(provisioned)
    assert {name: each["Status"] for name, each in found.items()} == {"orders": "AVAILABLE", "bills": "AVAILABLE"}
    assert sorted(provisioned.stacks("SC-")) == sorted(f"SC-{ACCOUNT}-{each['Id']}" for each in found.values())


def test_they_are_launched_with_the_catalogs_role_tags_and_topic(provisioned: Ground) -> None:
    stack = products(provisioned)["orders"]["PhysicalId"]
    (found,) = provisioned.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    assert found["RoleARN"] == f"arn:aws:iam::{ACCOUNT}:role/oaktree-local-launch-role"
    assert found["NotificationARNs"] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:oaktree-local-catalog"]
    assert {"Key": "platform", "Value": "oaktree-local"} in found["Tags"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
    assert outputs["Url"].endswith("/orders/")


def test_a_plan_that_is_not_agreed_to_leaves_nothing_behind(provisioned: Ground) -> None:
    path = provisioned.folder / "environments" / "local.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("ask = false", "ask = true"), encoding="utf-8")
    try:
        refused = catalog(provisioned, "provision", "third", *said(FORM | ADDRESSES["orders"]), code=3)
    finally:
        path.write_text(text, encoding="utf-8")
    assert "+ add" in refused.out
    assert products(provisioned).keys() == {"orders", "bills"}
    assert len(provisioned.stacks("SC-")) == 2


def test_the_same_values_again_are_nothing_to_change(provisioned: Ground) -> None:
    assert "nothing to change" in catalog(provisioned, "update", "orders", *said({"ImageTag": "1"})).err
    page = catalog(provisioned, "update", "orders", "--format", "json", *said({"ImageTag": "1"}))
    assert json.loads(page.out)["summary"] == "nothing to change"


def test_a_harmless_version_and_a_replacing_one_are_told_apart_and_one_is_updated(provisioned: Ground) -> None:
    edit(provisioned, lambda text: text.replace("StopTimeout: 30", "StopTimeout: 60"))
    catalog(provisioned, "publish", "--no-lint", "--deprecate")
    first, harmless = versions(provisioned)
    assert (first["Guidance"], harmless["Guidance"]) == ("DEPRECATED", "DEFAULT")

    edit(provisioned, lambda text: text.replace("AttributeName: id", "AttributeName: key"))
    catalog(provisioned, "publish", "--no-lint")
    *_, replacing = versions(provisioned)
    assert len(versions(provisioned)) == 3

    calm = catalog(provisioned, "rehearse", "--version", harmless["Name"])
    assert "2 safe, 0 need attention" in calm.out
    assert "StopTimeout: 30 → 60" in calm.out
    grave = catalog(provisioned, "rehearse", "--version", replacing["Name"], code=3)
    assert "0 safe, 2 need attention" in grave.out
    assert "UsersTable may be replaced" in grave.out
    assert products(provisioned)["orders"]["ProvisioningArtifactId"] == first["Id"]

    page = catalog(provisioned, "update", "orders", "--version", harmless["Name"], "--format", "json")
    assert json.loads(page.out)["verdict"]["refused"] is False  # the review, and nothing after it
    found = products(provisioned)
    assert found["orders"]["ProvisioningArtifactId"] == harmless["Id"]
    assert found["bills"]["ProvisioningArtifactId"] == first["Id"]
    half = catalog(provisioned, "rehearse", "--version", harmless["Name"])
    assert "orders: safe, no resource changes" in half.out


@pytest.mark.parametrize("face", ["terminal", "markdown", "html", "json", "sarif", "annotations"])
def test_every_face_tells_the_summary_or_the_findings(face: str, provisioned: Ground) -> None:
    *_, replacing = versions(provisioned)
    found = catalog(provisioned, "rehearse", "--version", replacing["Name"], "--format", face, code=3)
    assert "0 safe, 2 need attention" in found.out + found.err
    assert "orders/UsersTable" in found.out
    if face in ("json", "sarif"):
        json.loads(found.out)


def test_a_tainted_one_is_named_even_if_the_version_would_do_no_harm(provisioned: Ground) -> None:
    rule = {"resource": "Service", "step": "update", "fail": "no capacity", "times": 1}
    provisioned.door("faults", rule)
    failed = catalog(provisioned, "update", "bills", *said({"ImageTag": "2"}), code=5)
    assert "no capacity" in failed.err
    assert products(provisioned)["bills"]["Status"] == "TAINTED"
    _, harmless, _ = versions(provisioned)
    report = catalog(provisioned, "rehearse", "--version", harmless["Name"], code=3)
    assert "1 safe, 1 needs attention" in report.out
    assert "It is TAINTED already" in report.out


def test_terminating_both_leaves_nothing_of_them(provisioned: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = catalog(provisioned, "terminate", "orders", code=3)
    assert "Add --yes" in refused.err
    catalog(provisioned, "terminate", "orders", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr(Watcher, "follow", _interrupted)
        left = catalog(provisioned, "terminate", "bills", "--yes", code=7)
    assert "the deletion goes on without us" in left.err
    end = time.monotonic() + 20
    while products(provisioned):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert provisioned.stacks("SC-") == []
    roles = provisioned.client("iam").list_roles()["Roles"]
    assert [role["RoleName"] for role in roles if role["RoleName"].startswith("SC-")] == []
    tables = provisioned.client("dynamodb").list_tables()["TableNames"]
    assert [table for table in tables if table.startswith("SC-")] == []
    assert len(versions(provisioned)) == 3


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt
