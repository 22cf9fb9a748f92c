"""The macros' Lambda package: everything it needs and nothing else, the same bytes everywhere, and it runs."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.deploy import function_package
from oaktree_cfn.local import function_runtime
from oaktree_cfn.macros.handler import MACROS, handle

SHORTHAND = {
    "Resources": {
        "Users": {"Type": "OakTree::Table", "Properties": {"Partition": {"Name": "id", "Type": "S"}}},
        "Web": {
            "Type": "OakTree::WebService",
            "Properties": {
                "Platform": "oaktree-dev",
                "Image": "public.ecr.aws/nginx/nginx:1.29",
                "Route": {"Priority": 10, "Paths": ["/app/*"]},
                "Grants": [{"Intent": "read", "On": "table", "Arn": {"Fn::GetAtt": ["Users", "Arn"]}}],
            },
        },
        "Jobs": {"Type": "OakTree::Worker", "Properties": {"Platform": "p", "Image": "i"}},
        "Nightly": {
            "Type": "OakTree::ScheduledTask",
            "Properties": {"Platform": "p", "Image": "i", "Schedule": "rate(1 day)"},
        },
    }
}
FRAGMENTS: dict[str, tuple[Any, Any]] = {
    "OakTree": (SHORTHAND, {}),
    "OakTreeGrants": ({"Grants": [{"Intent": "send", "On": "queue", "Arn": {"Ref": "Queue"}}]}, {}),
    "OakTreeDefaults": ({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, {"Tags": ["team=oak"]}),
}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    zipfile.ZipFile(io.BytesIO(function_package.build().body)).extractall(folder)
    return folder


def event(macro: str) -> dict[str, Any]:
    fragment, params = FRAGMENTS[macro]
    place = {"accountId": "1", "region": "eu-west-1", "requestId": "r", "templateParameterValues": {}}
    return {**place, "transformId": f"1::{macro}", "fragment": fragment, "params": params}


@pytest.mark.parametrize("macro", MACROS)
def test_it_answers_as_here_with_nothing_but_pythons_standard_library(macro: str, unpacked: Path) -> None:
    command = [sys.executable, "-I", "-S", function_runtime.__file__, unpacked, "oaktree_cfn.macros.handler.handle"]
    asked = json.dumps({"event": event(macro), "context": {}})
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, env={})  # noqa: S603
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "success", answer
    assert answer == json.loads(json.dumps(handle(event(macro))))


def test_it_is_pure_python_and_small_enough() -> None:
    kinds = {path.suffix for path in map(Path, function_package.build().files) if path.parts[0] != "licenses"}
    assert kinds == {".py", ".txt"}
    assert len(function_package.build().body) < 2_000_000 < function_package.LARGEST


def test_it_has_no_room_of_ours_that_the_macros_do_not_need() -> None:
    rooms = {path.parts[1] for path in map(Path, function_package.build().files) if path.match("oaktree_cfn/*/*")}
    assert rooms == {"macros", "services"}
    heavy = {"boto3", "botocore", "cfnlint", "click", "rich", "jinja2", "moto"}
    assert not heavy & {name.partition("/")[0] for name in function_package.build().files}


def test_the_licence_of_everybody_whose_code_is_in_it_is_in_it(unpacked: Path) -> None:
    licensed = {path.name for path in (unpacked / "licenses").iterdir() if any(path.iterdir())}
    assert licensed == {"PyYAML", "awacs", "cfn-flip", "oaktree-cfn", "six", "troposphere"}


def test_neither_the_clock_nor_the_order_of_anything_shows_in_its_bytes() -> None:
    script = (
        "import hashlib; from oaktree_cfn.deploy.function_package import build;"
        "print(hashlib.sha256(build().body).hexdigest())"
    )
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
        assert done.stdout.strip() == hashlib.sha256(function_package.build().body).hexdigest()
    entries = zipfile.ZipFile(io.BytesIO(function_package.build().body)).infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {(entry.date_time, entry.compress_type, entry.external_attr >> 16) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 0o100644)
    }


def test_writing_it_again_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "build" / "macros.zip"
    function_package.write(path)
    before = path.stat().st_mtime_ns
    assert function_package.write(path).body == path.read_bytes()
    assert path.stat().st_mtime_ns == before
