"""Each bad input: one clear message, what to do next, the documented exit code, no traceback, nothing left half-done."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from oaktree_cfn.aws.connection import Connection

from .conftest import ENVIRONMENT, ROOT, Done, Project


def assert_told(done: Done, code: int, *words: str) -> None:
    assert done.code == code, done.err
    for word in words:
        assert word in done.err
    assert "Stopped: " in done.err
    assert "Next: " in done.err
    assert "Traceback" not in done.err


@pytest.fixture(autouse=True)
def _nothing_is_left(project: Project) -> Iterator[None]:
    yield
    assert project.stacks == {}
    assert project.client("s3").list_buckets()["Buckets"] == []


def test_no_environment_named(project: Project) -> None:
    done = project.run("deploy")
    assert done.code == 2
    assert "--env" in done.err


@pytest.mark.parametrize("command", ["deploy", "review", "outputs", "destroy", "watch"])
def test_an_unknown_environment_names_those_there_are(project: Project, command: str) -> None:
    assert_told(project.run(command, "--env", "lokal"), 2, "no environment 'lokal'", "local")


def test_the_environment_may_come_from_the_variable(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "lokal")
    assert_told(project.run("deploy"), 2, "lokal")


def test_no_environment_files_at_all(project: Project) -> None:
    (project.folder / "environments" / "local.toml").unlink()
    assert_told(project.deploy(), 2, "environments")


def test_a_malformed_environment_file(project: Project) -> None:
    project.environment("region = ")
    assert_told(project.deploy(), 2, "local.toml", "TOML")


def test_an_unknown_key_in_an_environment_file(project: Project) -> None:
    project.environment('regoin = "eu-west-1"\n' + ENVIRONMENT)
    assert_told(project.deploy(), 2, "local.toml: regoin")


def test_a_parameter_no_template_has(project: Project) -> None:
    project.environment(ENVIRONMENT.replace("[parameters]", '[parameters]\nGreating = "moin"'))
    assert_told(project.deploy(), 2, "local.toml: no template has a parameter Greating", "Greeting")


def test_a_parameter_outside_its_constraint_in_the_file(project: Project) -> None:
    project.environment(ENVIRONMENT.replace("[parameters]", '[parameters]\nGreeting = "MOIN"'))
    assert_told(project.deploy(), 2, "local.toml: Greeting = 'MOIN'", "must match pattern [a-z]+")


def test_a_parameter_outside_its_constraint_on_the_command_line(project: Project) -> None:
    assert_told(project.deploy("--parameter", "Greeting=MOIN"), 2, "--parameter: Greeting = 'MOIN'")


def test_a_parameter_that_is_no_pair(project: Project) -> None:
    done = project.deploy("--parameter", "Greeting")
    assert done.code == 2
    assert "'Greeting' is not KEY=VALUE" in done.err


def test_a_parameter_without_any_value(project: Project) -> None:
    root = copy.deepcopy(ROOT)
    root["Parameters"]["Owner"] = {"Type": "String"}
    project.template("root", root)
    assert_told(project.deploy(), 2, "Owner has no value", "--parameter Owner=VALUE")


def test_another_account(project: Project) -> None:
    project.environment(ENVIRONMENT.replace("123456789012", "210987654321"))
    assert_told(project.deploy(), 2, "account 123456789012", "210987654321", "Nothing was sent")


def test_no_credentials(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.environment(name="dev")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(project.folder / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(project.folder / "none"))
    done = project.run("deploy", "--env", "dev", "--templates", "templates", "--no-lint")
    assert_told(done, 2, "No usable AWS credentials", "aws sso login")


class Expired(BaseHTTPRequestHandler):
    """AWS, as it answers to credentials that have expired."""

    def do_POST(self) -> None:
        body = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
            b"<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"
        )
        self.send_response(403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_expired_credentials(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.environment(name="dev")
    server = HTTPServer(("127.0.0.1", 0), Expired)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    try:
        done = project.run("deploy", "--env", "dev", "--templates", "templates", "--no-lint")
    finally:
        server.shutdown()
        server.server_close()
    assert_told(done, 2, "credentials have expired", "Sign in again")


def test_a_template_with_too_many_resources(project: Project) -> None:
    topics = {f"T{number}": {"Type": "AWS::SNS::Topic"} for number in range(501)}
    project.template("notes", {"Resources": topics})
    assert_told(project.deploy(), 2, "notes.json: has 501 resources", "Split it")


def test_a_template_that_is_too_large(project: Project) -> None:
    project.template("notes", {"Metadata": {"Text": "x" * 1_000_001}, "Resources": {}})
    assert_told(project.deploy(), 2, "notes.json: has 1,000,0", "Split it")
    project.template("notes", {"Metadata": {"Text": "x" * 2_000_001}, "Resources": {}})
    assert_told(project.deploy(), 2, "notes.json: has more than 2,000,000 bytes", "Split it")


def test_a_template_that_does_not_parse(project: Project) -> None:
    (project.folder / "templates" / "notes.json").write_text('{"Resources": {')
    done = project.deploy()
    assert done.code == 2
    assert "notes.json:1" in done.err


def test_a_child_that_is_not_there(project: Project) -> None:
    (project.folder / "templates" / "notes.json").unlink()
    assert_told(project.deploy(), 2, "Notes nests ./notes.json, but there is no such file")


def test_a_folder_without_a_root(project: Project) -> None:
    done = project.run("deploy", "--env", "local", "--templates", "environments")
    assert_told(done, 2, "environments has no root.yaml")


def test_our_templates_when_they_are_not_there_or_stale(project: Project) -> None:
    assert_told(project.run("deploy", "--env", "local"), 2, "root.yaml: missing", "make build")


def test_findings_stop_a_deploy(project: Project) -> None:
    root = copy.deepcopy(ROOT)
    root["Resources"]["Data"]["Properties"]["TemplateUrl"] = "typo"
    project.template("root", root)
    done = project.run("deploy", "--env", "local", "--templates", "templates")
    assert_told(done, 2, "root.json", "TemplateUrl", "oaktree lint")


def test_no_stage_and_nothing_to_ask(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oaktree_cfn.local.process.running", lambda home: None)
    assert_told(project.run("outputs", "--env", "local"), 2, "local stage does not run", "make deploy ENV=local")
    assert project.run("destroy", "--env", "local", "--yes").code == 0


def test_an_account_that_nobody_has_put_in_yet_is_not_one_to_sign_in_to(project: Project) -> None:
    project.environment(ENVIRONMENT.replace("123456789012", "000000000000"))
    said = project.run("deploy", "--env", "local", "--templates", "templates", "--no-lint")
    assert_told(said, 2, "environments/local.toml", 'account = "123456789012"')


def test_the_account_is_checked_before_anything_else_is_sent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    call = Connection.call

    def recorded(self: Connection, service: str, operation: str, **arguments: object) -> object:
        sent.append(operation)
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", recorded)
    project.environment(ENVIRONMENT.replace("123456789012", "210987654321"))
    for command in ("deploy", "review"):
        project.run(command, "--env", "local", "--templates", "templates", "--no-lint")
    for command in ("outputs", "watch", "destroy"):
        project.run(command, "--env", "local")
    assert set(sent) == {"get_caller_identity"}
    assert json.dumps(sent)
