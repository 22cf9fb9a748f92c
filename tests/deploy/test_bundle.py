"""Packing: relative children become real addresses, keys follow content, limits are found before anything is sent."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.deploy import bundle
from oaktree_cfn.deploy.bundle import LARGEST, Location, package
from oaktree_cfn.errors import InvalidInput

LOCATION = Location("artifacts", "eu-west-1")
TOPIC = {"Type": "AWS::SNS::Topic"}


def write(folder: Path, name: str, resources: dict[str, Any], **sections: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"Resources": resources, **sections}, ensure_ascii=False), encoding="utf-8")
    return path


def nest(url: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}


def test_children_come_first_and_parents_name_their_real_address(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", {"Topic": TOPIC})
    made = package(write(tmp_path, "root.yaml", {"Data": nest("./data.yaml")}), LOCATION)
    child, root = made.templates
    assert [template.path.name for template in made.templates] == ["data.yaml", "root.yaml"]
    assert root.document["Resources"]["Data"]["Properties"]["TemplateURL"] == child.url
    assert child.url == f"https://artifacts.s3.eu-west-1.amazonaws.com/{child.key}"


def test_a_change_in_a_leaf_changes_every_key_above_it_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, "leaf.yaml", {"Topic": TOPIC})
    write(tmp_path, "other.yaml", {"Topic": TOPIC, "Second": TOPIC})
    write(tmp_path, "middle.yaml", {"Leaf": nest("leaf.yaml")})
    root = write(tmp_path, "root.yaml", {"Middle": nest("middle.yaml"), "Other": nest("other.yaml")})
    before = {template.path.name: template.key for template in package(root, LOCATION).templates}
    write(tmp_path, "leaf.yaml", {"Topic": TOPIC, "Third": TOPIC})
    after = {template.path.name: template.key for template in package(root, LOCATION).templates}
    assert {name for name in before if before[name] != after[name]} == {"leaf.yaml", "middle.yaml", "root.yaml"}


def test_a_child_used_twice_is_packed_once(tmp_path: Path) -> None:
    write(tmp_path, "data.yaml", {"Topic": TOPIC})
    made = package(write(tmp_path, "root.yaml", {"A": nest("data.yaml"), "B": nest("./data.yaml")}), LOCATION)
    assert len(made.templates) == 2


@pytest.mark.parametrize("url", ["https://b.s3.amazonaws.com/k", "s3://b/k", {"Ref": "Where"}])
def test_an_address_is_left_as_it_is(tmp_path: Path, url: Any) -> None:
    made = package(write(tmp_path, "root.yaml", {"Data": nest(url)}), LOCATION)
    assert made.root.document["Resources"]["Data"]["Properties"]["TemplateURL"] == url


def test_a_missing_child_names_file_resource_and_path(tmp_path: Path) -> None:
    root = write(tmp_path, "root.yaml", {"Data": nest("gone.yaml")})
    with pytest.raises(InvalidInput, match=r"root\.yaml: resource Data nests gone\.yaml"):
        package(root, LOCATION)


def test_a_template_that_nests_itself_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", {"B": nest("b.yaml")})
    with pytest.raises(InvalidInput, match="nests itself"):
        package(write(tmp_path, "b.yaml", {"A": nest("a.yaml")}), LOCATION)


@pytest.mark.parametrize(("count", "fits"), [(500, True), (501, False)])
def test_resources_are_counted(tmp_path: Path, count: int, fits: bool) -> None:
    root = write(tmp_path, "root.yaml", {f"Topic{number}": TOPIC for number in range(count)})
    if fits:
        assert package(root, LOCATION).root.document
    else:
        with pytest.raises(InvalidInput, match="501 resources; CloudFormation takes at most 500"):
            package(root, LOCATION)


@given(letter=st.sampled_from("aéü字🌳"), over=st.integers(-2, 2))
def test_the_size_limit_counts_bytes_not_letters(
    tmp_path_factory: pytest.TempPathFactory, letter: str, over: int
) -> None:
    folder = tmp_path_factory.mktemp("size")
    frame = len(json.dumps({"Resources": {}, "Description": ""}, separators=(",", ":")))
    width = len(letter.encode())
    count = (LARGEST - frame) // width
    rest = LARGEST - frame - count * width
    root = write(folder, "root.yaml", {}, Description=letter * (count + over) + "x" * rest)
    size = LARGEST + over * width
    if size <= LARGEST:
        assert len(package(root, LOCATION).root.body) == size
    else:
        with pytest.raises(InvalidInput, match="bytes; CloudFormation takes at most 1,000,000"):
            package(root, LOCATION)


def test_an_address_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="longer than 1024"):
        package(write(tmp_path, "root.yaml", {"Topic": TOPIC}), Location("b" * 1000, "eu-west-1"))


def test_capabilities_follow_what_the_templates_hold(tmp_path: Path) -> None:
    write(tmp_path, "role.yaml", {"Role": {"Type": "AWS::IAM::Role"}})
    assert package(write(tmp_path, "plain.yaml", {"Topic": TOPIC}), LOCATION).capabilities == ()
    with_role = package(write(tmp_path, "root.yaml", {"Role": nest("role.yaml")}), LOCATION)
    assert with_role.capabilities == ("CAPABILITY_NAMED_IAM",)
    with_macro = package(write(tmp_path, "macro.yaml", {"Topic": TOPIC}, Transform="AWS::Serverless"), LOCATION)
    assert with_macro.capabilities == ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")  # who knows what it makes


def test_our_own_templates_pack() -> None:
    root = Path(__file__).parents[2] / "templates" / "root.yaml"
    made = package(root, LOCATION)
    assert made.root.path == root
    assert len(made.templates) == len(set(made.keys)) == 8
    assert max(len(template.url) for template in made.templates) <= bundle.LONGEST_URL


FUNCTION = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "code.zip", "Handler": "x.y"}}


def test_a_functions_package_is_uploaded_under_the_hash_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_bytes(b"one")
    root = write(tmp_path, "root.yaml", {"One": FUNCTION, "Two": FUNCTION}, Transform="AWS::Serverless-2016-10-31")
    made = package(root, LOCATION)
    (code,) = made.codes
    assert code.key == f"{hashlib.sha256(b'one').hexdigest()}.zip"
    assert made.keys == (code.key, made.root.key)
    places = [made.root.document["Resources"][name]["Properties"]["CodeUri"] for name in ("One", "Two")]
    assert places == [{"Bucket": LOCATION.bucket, "Key": code.key}] * 2
    (tmp_path / "code.zip").write_bytes(b"two")
    assert package(root, LOCATION).root.key != made.root.key


def test_a_function_without_its_package_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"root\.yaml: the function One runs code\.zip, but there is no such file"):
        package(write(tmp_path, "root.yaml", {"One": FUNCTION}), LOCATION)


def test_code_that_lies_in_s3_already_stays_where_it_is(tmp_path: Path) -> None:
    there = {**FUNCTION, "Properties": {"CodeUri": "s3://bucket/key"}}
    made = package(write(tmp_path, "root.yaml", {"One": there}), LOCATION)
    assert (made.codes, made.root.document["Resources"]["One"]) == ((), there)
