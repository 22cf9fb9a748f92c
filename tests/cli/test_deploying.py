"""Deploy and review on the local stage: what happens, what is said, what is left."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections import Counter
from typing import Any

import pytest

from oaktree_cfn.aws.cloudformation import CloudFormation, NewChangeSet
from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.cli import deploying, opening
from oaktree_cfn.deploy.decide import Consent
from oaktree_cfn.deploy.watch import Watcher
from oaktree_cfn.errors import InvalidInput

from .conftest import DATA, ENVIRONMENT, NOTES, ROOT, Project


def test_a_first_deploy_shows_what_it_makes_and_ends_with_the_outputs(project: Project) -> None:
    done = project.deploy()
    assert done.code == 0, done.err
    assert "3 to add" in done.out
    assert "+ add UsersTable AWS::DynamoDB::Table" in done.out
    assert "TableName  oaktree-local-users" in done.out
    assert "What to run next.\n\necho hello\necho done" in done.out
    assert "Notes/Note  create complete" in done.err
    assert project.status == "CREATE_COMPLETE"
    assert project.note == "hello oaktree-local-users"


def test_a_second_deploy_has_nothing_to_change_and_asks_for_nothing(project: Project) -> None:
    project.deploy()
    done = project.deploy()
    assert done.code == 0
    assert "nothing to change" in done.err
    assert "TableName  oaktree-local-users" in done.out
    assert project.waiting == []


def test_an_update_changes_that_property_and_keeps_every_resource(project: Project) -> None:
    project.deploy()
    done = project.deploy("--parameter", "Greeting=servus")
    assert done.code == 0, done.err
    assert "~ modify Note AWS::SSM::Parameter" in done.out
    assert "Value: hello oaktree-local-users → servus oaktree-local-users" in done.out
    assert "UsersTable" not in done.out.split("TableName")[0]
    assert project.note == "servus oaktree-local-users"


def test_a_kept_parameter_stays_until_somebody_gives_another(project: Project) -> None:
    project.deploy("--parameter", "Greeting=servus")
    again = project.deploy()
    assert "nothing to change" in again.err
    assert project.note == "servus oaktree-local-users"


def test_a_review_shows_the_same_and_leaves_nothing(project: Project) -> None:
    done = project.review()
    assert done.code == 0
    assert "3 to add" in done.out
    assert project.stacks == {}
    project.deploy()
    done = project.review("--parameter", "Greeting=servus")
    assert done.code == 0
    assert "Value: hello oaktree-local-users → servus oaktree-local-users" in done.out
    assert project.waiting == []
    assert project.note == "hello oaktree-local-users"


def test_a_first_plan_that_waits_stands_in_nobodys_way(project: Project) -> None:
    assert project.review("--out", "plan.json").code == 0
    assert project.status == "REVIEW_IN_PROGRESS"
    other = project.review("--out", "other.json", "--parameter", "Greeting=servus")
    assert "3 to add" in other.out
    execute = "`oaktree deploy --env local --plan other.json`"
    assert f"{execute}, with the same --parameter and --templates, executes it." in other.err
    done = project.deploy()
    assert done.code == 0, done.err
    assert project.status == "CREATE_COMPLETE"


def test_a_review_is_saved_in_other_formats_too(project: Project) -> None:
    shown = project.review("--format", "markdown", "--save", "markdown=review.md", "--save", "json=review.json")
    assert shown.code == 0, shown.err
    assert (project.folder / "review.md").read_text() == shown.out
    assert json.loads((project.folder / "review.json").read_text())["creates"] is True
    assert project.deploy().code == 0
    assert project.deploy("--save", "markdown=review.md").code == 0
    assert "### `oaktree-local`: nothing to change" in (project.folder / "review.md").read_text()
    assert (project.folder / "review.md").read_text() != shown.out


def test_a_gate_opens_for_paths_in_the_environment_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.deploy()
    project.environment(ENVIRONMENT.replace("[parameters]", '[parameters]\nKey = "name"'))
    assert project.review().code == 3
    monkeypatch.setenv("OAKTREE_ALLOW", "Data/UsersTable Notes/Note")
    assert project.review().code == 0


def test_outputs_alone_can_change(project: Project) -> None:
    project.deploy()
    root = copy.deepcopy(ROOT)
    root["Outputs"]["More"] = {"Value": "more"}
    project.template("root", root)
    done = project.deploy()
    assert done.code == 0, done.err
    assert "outputs, tags or metadata only" in done.out
    assert "More       more" in done.out


def test_when_only_cloudformation_can_tell_its_no_change_is_no_failure(project: Project) -> None:
    root: dict[str, Any] = copy.deepcopy(ROOT)
    root["Parameters"]["Password"] = {"Type": "String", "NoEcho": True, "Default": "s3cr3t-s3cr3t"}
    project.template("root", root)
    assert project.deploy().code == 0
    done = project.deploy()
    assert done.code == 0, done.err
    assert "nothing to change" in done.err
    assert project.waiting == []


# Calls


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call to AWS, in the order in which they begin."""
    made: list[str] = []
    call = Connection.call

    def recorded(self: Connection, service: str, operation: str, **arguments: Any) -> Any:
        made.append(operation)
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", recorded)
    return made


def test_nothing_to_change_is_told_from_one_round_of_reading(project: Project, calls: list[str]) -> None:
    project.deploy()
    calls.clear()
    project.deploy()
    reads = {"describe_stacks", "get_template", "head_bucket", "get_bucket_tagging", "head_object"}
    assert calls[0] == "get_caller_identity"
    assert set(calls[1:]) == reads
    assert len(calls) == 1 + 4 + len(("root", "data", "notes"))


def test_an_update_uploads_only_what_changed_and_takes_six_round_trips_and_the_polls(
    project: Project, calls: list[str]
) -> None:
    project.deploy()
    notes = copy.deepcopy(NOTES)
    notes["Resources"]["Topic"]["Properties"]["DisplayName"] = "Notes"  # type: ignore[index]
    project.template("notes", notes)
    calls.clear()
    assert project.deploy().code == 0
    counted = Counter(calls)
    assert counted["put_object"] == len(("notes", "root"))
    phases = [
        "get_caller_identity",
        "describe_stacks",
        "put_object",
        "create_change_set",
        "describe_change_set",
        "execute_change_set",
    ]
    assert [calls.index(phase) for phase in phases] == sorted(calls.index(phase) for phase in phases)
    once = {
        "get_caller_identity",
        "head_bucket",
        "get_bucket_tagging",
        "create_change_set",
        "execute_change_set",
    }
    assert all(counted[name] == 1 for name in once)
    beside = {"get_template", "list_stack_resources"}  # read while the change set is being made
    assert max(calls.index(name) for name in beside) < calls.index("execute_change_set")
    expected = {*phases, *once, *beside, "head_object", "describe_stack_events"}
    assert set(calls) == expected


# Consent


def test_without_a_terminal_and_without_yes_nothing_is_executed_and_nothing_left(project: Project) -> None:
    project.environment(ask=True)
    done = project.deploy()
    assert done.code == 3
    assert "Next: Add --yes." in done.err
    assert project.stacks == {}


def test_declining_discards_the_change_set_and_the_empty_stacks(project: Project, answers: list[str]) -> None:
    project.environment(ask=True)
    answers.append("n")
    done = project.deploy()
    assert done.code == 3
    assert "Declined" in done.err
    assert project.stacks == {}


def test_declining_an_update_leaves_the_stack_as_it_was(project: Project, answers: list[str]) -> None:
    project.deploy()
    project.environment(ask=True)
    answers.append("")
    assert project.deploy("--parameter", "Greeting=servus").code == 3
    assert project.waiting == []
    assert project.status == "CREATE_COMPLETE"


@pytest.mark.parametrize("way", ["y", "--yes"])
def test_consent_executes(project: Project, answers: list[str], way: str) -> None:
    project.environment(ask=True)
    answers.append("y")
    assert project.deploy(*([way] if way.startswith("-") else [])).code == 0
    assert project.status == "CREATE_COMPLETE"


# Gates


def test_a_table_is_not_replaced_without_its_path(project: Project) -> None:
    project.deploy()
    for command in (project.deploy, project.review):
        done = command("--parameter", "Key=name")
        assert done.code == 3
        assert "!? may replace UsersTable" in done.out
        assert "Data/UsersTable: UsersTable may be replaced" in done.err
        assert "--allow Data/UsersTable" in done.err
        assert project.waiting == []
    assert project.review("--parameter", "Key=name", "--allow", "Data/UsersTable").code == 0


def test_a_person_at_a_terminal_may_type_the_path(project: Project, answers: list[str]) -> None:
    project.deploy()
    answers.append("Data/Users")
    assert project.deploy("--parameter", "Key=name").code == 3
    root, data = copy.deepcopy(ROOT), copy.deepcopy(DATA)
    del root["Resources"]["Data"], data  # type: ignore[arg-type]
    root["Resources"]["Notes"]["Properties"]["Parameters"]["Table"] = "none"
    root["Outputs"]["TableName"]["Value"] = "none"
    project.template("root", root)
    answers.append("Data")
    done = project.deploy()
    assert done.code == 0, done.err
    assert "- remove Data AWS::CloudFormation::Stack" in done.out
    assert project.client("dynamodb").list_tables()["TableNames"] == []


def test_an_allowed_path_that_nothing_asks_about_is_mentioned(project: Project) -> None:
    assert "--allow Data/Tpyo: no gate asks about this" in project.deploy("--allow", "Data/Tpyo").err


# Failure


def test_a_failed_create_says_why_and_where_and_leaves_nothing(project: Project) -> None:
    project.fault("Notes/Note", fail="the note is not to be")
    done = project.deploy()
    assert done.code == 5
    assert "Notes/Note (AWS::SSM::Parameter): the note is not to be (GeneralServiceException)" in done.err
    assert "nothing is left behind" in done.err
    assert project.stacks == {}
    assert project.client("dynamodb").list_tables()["TableNames"] == []
    assert project.deploy().code == 0


def test_a_failed_update_is_rolled_back_and_can_be_repeated(project: Project) -> None:
    project.deploy()
    project.fault("Notes/Note", "update", fail="the note is not to be")
    done = project.deploy("--parameter", "Greeting=servus")
    assert done.code == 5
    assert "Notes/Note (AWS::SSM::Parameter): the note is not to be (GeneralServiceException)" in done.err
    assert "as it was before" in done.err
    assert "create complete" not in done.err, "that was the operation before"
    assert project.note == "hello oaktree-local-users"
    assert project.status == "UPDATE_ROLLBACK_COMPLETE"
    assert project.deploy("--parameter", "Greeting=servus").code == 0
    assert project.note == "servus oaktree-local-users"


TAKEN = """{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"O": {"Value": "x", "Export": {"Name": "taken"}}}}"""


@pytest.mark.parametrize(("where", "told"), [("root", "the stack: "), ("data", "Data (AWS::CloudFormation::Stack): ")])
@pytest.mark.parametrize("first", [True, False], ids=["create", "update"])
def test_what_fails_the_stack_itself_is_the_cause(project: Project, where: str, told: str, first: bool) -> None:
    project.client("cloudformation").create_stack(StackName="billing", TemplateBody=TAKEN)
    wait(lambda: project.stacks["billing"] == "CREATE_COMPLETE")
    assert first or project.deploy().code == 0
    document: dict[str, Any] = copy.deepcopy({"root": ROOT, "data": DATA}[where])
    document["Outputs"]["More"] = {"Value": "x", "Export": {"Name": "taken"}}
    project.template(where, document)
    done = project.deploy("--no-preflight")
    assert done.code == 5
    assert f"{told}Export with name taken is already exported by stack billing" in done.err
    assert "Embedded stack" not in done.err.rpartition("Stopped: ")[2], "the parent only repeats it"


def test_a_change_set_that_cannot_be_made_names_the_nested_reason(project: Project) -> None:
    notes = copy.deepcopy(NOTES)
    notes["Resources"]["Topic"]["Properties"]["TopicName"] = {"Ref": "Nothing"}  # type: ignore[index]
    project.template("notes", notes)
    done = project.deploy()
    assert done.code in {2, 5}
    assert "Nothing" in done.err
    assert "othing was changed" in done.err
    assert project.stacks == {}


def test_remains_of_a_first_deploy_need_recreate(project: Project) -> None:
    cloudformation = project.client("cloudformation")
    project.fault("Topic", fail="no")
    template = '{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}'
    cloudformation.create_stack(StackName="oaktree-local", TemplateBody=template)
    wait(lambda: project.status == "ROLLBACK_COMPLETE")
    done = project.deploy()
    assert done.code == 3
    assert "--recreate" in done.err
    assert project.deploy("--recreate").code == 0
    assert project.status == "CREATE_COMPLETE"


def test_a_busy_stack_is_left_alone_and_can_be_watched(project: Project) -> None:
    project.deploy()
    project.fault("Notes/Note", "update", delay=30)
    background = threading.Thread(target=execute_elsewhere, args=(project,))
    background.start()
    background.join()
    done = project.deploy("--parameter", "Greeting=adieu")
    assert done.code == 4
    assert "UPDATE_IN_PROGRESS" in done.err
    assert "oaktree watch" in done.err
    project.stage.ask("DELETE", "faults")
    watched = project.run("watch", "--env", "local")
    assert watched.code == 0, watched.err
    assert "UPDATE_COMPLETE" in watched.err


def test_a_change_set_that_was_overtaken_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*_: Any) -> Consent:
        with monkeypatch.context() as patch:
            patch.setattr(deploying, "consent", lambda *_: Consent.GIVEN)
            assert project.deploy("--parameter", "Greeting=moin").code == 0
        return Consent.GIVEN

    project.deploy()
    monkeypatch.setattr(deploying, "consent", overtaken)
    done = project.deploy("--parameter", "Greeting=adieu")
    assert done.code == 3, done.err
    assert "cannot be executed any more, and nothing of it was changed" in done.err
    assert "Repeat the command" in done.err
    assert project.note == "moin oaktree-local-users"


def execute_elsewhere(project: Project) -> None:
    """Somebody else's update of the same stack."""
    cloudformation = project.client("cloudformation")
    keys = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Prefix", "Key")]
    cloudformation.update_stack(
        StackName="oaktree-local",
        UsePreviousTemplate=True,
        Parameters=[*keys, {"ParameterKey": "Greeting", "ParameterValue": "moin"}],
    )
    wait(lambda: project.status == "UPDATE_IN_PROGRESS")


def wait(done: Any) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


# Interrupts


def test_an_interrupt_while_deciding_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deploying, "consent", interrupted)
    done = project.deploy()
    assert done.code == 130
    assert project.stacks == {}


def test_an_interrupt_while_the_change_set_is_asked_for_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = CloudFormation.create_change_set

    def interrupted(self: CloudFormation, new: NewChangeSet) -> str:
        ask(self, new)
        raise KeyboardInterrupt

    monkeypatch.setattr(CloudFormation, "create_change_set", interrupted)
    assert project.deploy().code == 130
    assert project.stacks == {}


def test_an_interrupt_while_the_change_set_is_made_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(CloudFormation, "tree", interrupted)
    done = project.deploy()
    assert done.code == 130
    assert project.stacks == {}


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (InvalidInput("it cannot be read"), 2)], ids=repr
)
def test_whatever_ends_the_look_at_what_is_deployed_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def ended(*_: Any) -> None:
        raise error

    project.deploy()
    monkeypatch.setattr(opening, "learn", ended)
    assert project.deploy("--parameter", "Greeting=servus").code == code
    assert project.waiting == []


def test_an_interrupt_while_watching_leaves_the_deploy_running(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Watcher, "follow", interrupted)
        done = project.deploy()
    assert done.code == 7
    assert "goes on without us" in done.err
    assert "oaktree watch --env local" in done.err
    assert project.run("watch", "--env", "local").code == 0
    assert project.status == "CREATE_COMPLETE"


def test_termination_protection_follows_the_environment_file(project: Project) -> None:
    project.environment("termination_protection = true\n" + ENVIRONMENT)
    assert project.deploy().code == 0
    (found,) = project.client("cloudformation").describe_stacks(StackName="oaktree-local")["Stacks"]
    assert found["EnableTerminationProtection"]
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 3
    assert "termination protection" in done.err


# The role that CloudFormation works as


def trusting(project: Project, name: str, service: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    project.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)


def test_the_stack_and_those_nested_in_it_have_the_role_of_the_environment_file(project: Project) -> None:
    trusting(project, "deploys", "cloudformation.amazonaws.com")
    project.environment('service_role = "deploys"\n' + ENVIRONMENT)
    assert project.deploy().code == 0
    found = project.client("cloudformation").describe_stacks()["Stacks"]
    assert len(found) == 3
    assert {stack["RoleARN"] for stack in found} == {"arn:aws:iam::123456789012:role/deploys"}


def test_the_command_lines_role_wins_and_must_be_one(project: Project) -> None:
    trusting(project, "others", "cloudformation.amazonaws.com")
    project.environment('service_role = "deploys"\n' + ENVIRONMENT)
    assert project.review("--role-arn", "others").code == 0
    refused = project.review("--role-arn", "not/one")
    assert refused.code == 2
    assert "must be the name or the ARN of an IAM role, not 'not/one'" in refused.err


@pytest.mark.parametrize("there", [True, False])
def test_a_role_that_is_not_there_or_trusts_another_deploys_nothing(project: Project, there: bool) -> None:
    if there:
        trusting(project, "deploys", "lambda.amazonaws.com")
    done = project.deploy("--role-arn", "deploys")
    assert done.code == 2
    assert "CloudFormation cannot work as arn:aws:iam::123456789012:role/deploys" in done.err
    assert project.stacks == {}


# Secrets


FACES = ("terminal", "json")


def with_secret(project: Project, secret: str) -> None:
    """Pass a secret to a nested template that calls it NoEcho, and let it out under innocent names."""
    root: dict[str, Any] = copy.deepcopy(ROOT)
    root["Resources"]["Notes"]["Properties"]["Parameters"]["Word"] = secret
    root["Outputs"]["Told"] = {"Value": {"Fn::GetAtt": ["Notes", "Outputs.Told"]}, "Export": {"Name": "told"}}
    notes: dict[str, Any] = copy.deepcopy(NOTES)
    notes["Parameters"]["Word"] = {"Type": "String", "NoEcho": True}
    notes["Resources"]["Note"]["Properties"]["Value"] = {"Fn::Sub": "${Greeting} ${Word}"}
    notes["Outputs"] = {"Told": {"Value": {"Fn::Sub": "told ${Word}"}}}
    project.template("root", root)
    project.template("notes", notes)


def test_a_nested_secret_is_shown_by_no_review_no_plan_and_no_deploy(project: Project) -> None:
    with_secret(project, "canary-of-old")
    first = project.deploy("--yes")
    assert first.code == 0, first.err
    with_secret(project, "canary-of-new")
    said = [project.review("--format", face) for face in FACES]
    (project.folder / "templates" / "root.yaml").symlink_to("root.json")
    against = ("plan", "--env", "local", "--against", "deployed", "--templates", "templates")
    said += [project.run(*against, "--format", face) for face in FACES]
    assert [done.err for done in said if "Note" not in done.out] == []
    (project.folder / "templates" / "root.yaml").unlink()
    said.append(project.deploy("--yes"))
    for done in (first, *said):
        shown = done.out.partition("TableName ")[0] + done.err  # the stack's outputs tell what they are made to tell
        assert "canary-of" not in shown
