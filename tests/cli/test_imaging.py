"""``oaktree image``: another image on the local stage, found, checked, reviewed and rolled out, and nothing else touched."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from oaktree_cfn.cli import imaging
from oaktree_cfn.deploy.decide import Consent
from tests.registry import MANIFEST, push

from .conftest import Done, Project

REPOSITORY = "oaktree-local"
URI = f"123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/{REPOSITORY}"
ENVIRONMENT = """
region = "ap-southeast-1"
account = "123456789012"
prefix = "oaktree-local"
kept_parameters = ["Word", "Image"]

[parameters]

[review]
ask = {ask}
"""
IMAGES = {
    "Resources": {"Repository": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": REPOSITORY}}},
    "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Repository", "RepositoryUri"]}}},
}
FULL_NAME = {
    "Fn::Join": [
        "@sha256:",
        {
            "Fn::Split": [
                ":sha256:",
                {"Fn::Join": [":", [{"Ref": "Url"}, {"Fn::If": ["Any", {"Ref": "Image"}, "none"]}]]},
            ]
        },
    ]
}
WEB: dict[str, Any] = {
    "Parameters": {name: {"Type": "String"} for name in ("Image", "Url", "Word")},
    "Conditions": {"Any": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Image"}, ""]}]}},
    "Resources": {
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "web-cluster"}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": "web-task",
                "RuntimePlatform": {"CpuArchitecture": "ARM64"},
                "ContainerDefinitions": [
                    {
                        "Name": "web",
                        "Image": FULL_NAME,
                        "Memory": 64,
                        "Environment": [{"Name": "WORD", "Value": {"Ref": "Word"}}],
                    }
                ],
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "ServiceName": "web-service",
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": {"Fn::If": ["Any", 1, 0]},
                "LaunchType": "EC2",
                "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
            },
        },
    },
    "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Service", "Name"]}}},
}
ROOT: dict[str, Any] = {
    "Parameters": {
        "Prefix": {"Type": "String"},
        "Word": {"Type": "String", "Default": "hello"},
        "Image": {"Type": "String", "Default": ""},
        "Secret": {"Type": "String", "NoEcho": True, "Default": "correct-horse-battery"},
    },
    "Resources": {
        "Images": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./images.json"}},
        "Web": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": "./web.json",
                "Parameters": {
                    "Image": {"Ref": "Image"},
                    "Word": {"Ref": "Word"},
                    "Url": {"Fn::GetAtt": ["Images", "Outputs.Url"]},
                },
            },
        },
        "Beside": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["Web", "Outputs.Name"]}},
        },
    },
    "Outputs": {"Service": {"Value": {"Fn::GetAtt": ["Web", "Outputs.Name"]}}},
}


@pytest.fixture
def web(project: Project) -> Iterator[Project]:
    """An environment that was deployed once, before any image."""
    project.environment(ENVIRONMENT)
    for name, document in (("root", ROOT), ("web", WEB), ("images", IMAGES)):
        project.template(name, document)
    done = project.deploy()
    assert done.code == 0, done.err
    yield project
    project.stage.ask("DELETE", "faults")


def pushed(project: Project, tag: str, *architectures: str, content: str = "") -> str:
    return push(project.client("ecr"), REPOSITORY, tag, *(architectures or ("arm64",)), content=content)


def image(project: Project, *arguments: str) -> Done:
    return project.run("image", "--env", "local", *arguments)


def shipped(project: Project, *arguments: str) -> Done:
    done = image(project, *arguments)
    assert done.code == 0, done.err
    return done


def running(project: Project) -> tuple[str, int]:
    """The image that the service runs, and how often."""
    ecs = project.client("ecs")
    (service,) = ecs.describe_services(cluster="web-cluster", services=["web-service"])["services"]
    definition = service["deployments"][0]["taskDefinition"]
    (container,) = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]["containerDefinitions"]
    return container["image"], service["desiredCount"]


def test_the_first_image_starts_the_service_and_is_pinned_by_its_digest(web: Project) -> None:
    digest = pushed(web, "1")
    assert running(web) == (f"{URI}:none", 0)
    done = shipped(web, "--tag", "1")
    assert running(web) == (f"{URI}@{digest}", 1)
    assert f"{URI}:1 is {digest}." in done.err
    assert "DesiredCount: 0 → 1" in done.out
    assert "Service  web-service" in done.out


def test_the_next_image_touches_the_task_definition_and_the_service_alone(web: Project) -> None:
    pushed(web, "1")
    shipped(web, "--tag", "1")
    digest = pushed(web, "2")
    done = shipped(web, "--digest", digest)
    assert running(web) == (f"{URI}@{digest}", 1)
    assert "oaktree-local: 1 to modify, 1 new revision, 1 noise" in done.out
    assert "DesiredCount" not in done.out
    assert "correct-horse-battery" not in done.out + done.err


def test_the_same_image_again_has_nothing_to_change(web: Project) -> None:
    digest = pushed(web, "1")
    shipped(web, "--tag", "1")
    for which in (("--tag", "1"), ("--digest", digest)):
        done = shipped(web, *which)
        assert "oaktree-local already has this image: nothing to change." in done.err
        assert "Service  web-service" in done.out
    assert json.loads(shipped(web, "--tag", "1", "--format", "json").out)["stack"]["name"] == "oaktree-local"
    assert web.waiting == []


def test_for_a_program_the_review_alone_is_printed(web: Project) -> None:
    pushed(web, "1")
    told = json.loads(shipped(web, "--tag", "1", "--format", "json").out)
    assert {"/".join(entry["path"]) for entry in told["entries"]} >= {"Web/Service", "Web/Task"}


def test_a_deploy_in_between_keeps_the_image(web: Project) -> None:
    digest = pushed(web, "1")
    shipped(web, "--tag", "1")
    assert "nothing to change" in web.deploy().err
    done = web.deploy("--parameter", "Word=servus")
    assert done.code == 0, done.err
    assert running(web) == (f"{URI}@{digest}", 1)
    next_one = pushed(web, "2")
    shipped(web, "--tag", "2")
    assert running(web) == (f"{URI}@{next_one}", 1)
    assert "nothing to change" in web.deploy("--parameter", "Word=servus").err


def test_a_tag_that_a_deploy_gives_is_the_tag_that_runs(web: Project) -> None:
    pushed(web, "1")
    shipped(web, "--tag", "1")
    pushed(web, "2")
    assert web.deploy("--parameter", "Image=2").code == 0
    assert running(web) == (f"{URI}:2", 1)


# Going back


def test_a_rollback_goes_to_the_image_before_and_the_next_one_returns(web: Project) -> None:
    one, two = pushed(web, "1"), pushed(web, "2")
    shipped(web, "--tag", "1")
    shipped(web, "--tag", "2")
    assert web.deploy("--parameter", "Word=servus").code == 0  # a revision of its own, with the same image
    shipped(web, "--rollback")
    assert running(web) == (f"{URI}@{one}", 1)
    shipped(web, "--rollback")
    assert running(web) == (f"{URI}@{two}", 1)


def test_an_image_that_never_came_up_is_none_to_go_back_to(web: Project) -> None:
    one, two = pushed(web, "1"), pushed(web, "2")
    pushed(web, "3")
    shipped(web, "--tag", "1")
    shipped(web, "--tag", "2")
    web.fault("Web/Service", "rollout", fail="Essential container in task exited")
    assert image(web, "--tag", "3").code == 5
    web.stage.ask("DELETE", "faults")
    assert running(web) == (f"{URI}@{two}", 1)
    shipped(web, "--rollback")
    assert running(web) == (f"{URI}@{one}", 1)
    shipped(web, "--rollback")
    assert running(web) == (f"{URI}@{two}", 1)


def test_a_rollback_finds_what_a_tag_stood_for(web: Project) -> None:
    one = pushed(web, "1")
    pushed(web, "2")
    assert web.deploy("--parameter", "Image=1").code == 0
    shipped(web, "--tag", "2")
    shipped(web, "--rollback")
    assert running(web) == (f"{URI}@{one}", 1)


def test_without_an_image_before_there_is_nothing_to_go_back_to(web: Project) -> None:
    pushed(web, "1")
    shipped(web, "--tag", "1")
    done = image(web, "--rollback")
    assert done.code == 2
    assert "ECS remembers no image before the present one" in done.err


def test_an_image_before_that_was_deleted_is_missed(web: Project) -> None:
    one = pushed(web, "1")
    pushed(web, "2")
    shipped(web, "--tag", "1")
    shipped(web, "--tag", "2")
    web.client("ecr").batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": one}])
    done = image(web, "--rollback")
    assert done.code == 2
    assert f"{URI} has no image {one}" in done.err


# What ends badly


@pytest.mark.parametrize("silent", [False, True], ids=["seen by CloudFormation", "in silence"])
def test_an_image_that_ecs_takes_back_is_a_failure_with_its_reason(web: Project, silent: bool) -> None:
    one = pushed(web, "1")
    pushed(web, "2")
    shipped(web, "--tag", "1")
    reason = "Essential container in task exited: correct-horse-battery"
    web.fault("Web/Service", "rollout", fail=reason, exit_code=1, silent=silent)
    done = image(web, "--tag", "2")
    assert done.code == 5
    assert "Essential container in task exited: " in done.err
    assert "(web exited with code 1)" in done.err
    assert "correct-horse-battery" not in done.out + done.err
    assert running(web) == (f"{URI}@{one}", 1)
    assert web.status == ("UPDATE_COMPLETE" if silent else "UPDATE_ROLLBACK_COMPLETE")


def refused(project: Project, *arguments: str, code: int) -> str:
    """What is said of an image that is not to be; nothing changes and nothing is left."""
    before = running(project)
    done = image(project, *arguments)
    assert done.code == code, done.err
    assert running(project) == before
    assert project.waiting == []
    return done.err


def test_whatever_else_would_change_is_named_and_refused(project: Project) -> None:
    """A value that a parameter looks up in SSM has moved since the last deploy."""
    project.environment(ENVIRONMENT)
    ssm = project.client("ssm")
    ssm.put_parameter(Name="/knob", Type="String", Value="one")
    root = copy.deepcopy(ROOT)
    root["Parameters"]["Knob"] = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/knob"}
    root["Resources"]["Beside"]["Properties"]["Value"] = {"Ref": "Knob"}
    for name, document in (("root", root), ("web", WEB), ("images", IMAGES)):
        project.template(name, document)
    assert project.deploy().code == 0
    pushed(project, "1")
    shipped(project, "--tag", "1")
    pushed(project, "2")
    ssm.put_parameter(Name="/knob", Type="String", Value="two", Overwrite=True)
    said = refused(project, "--tag", "2", code=3)
    assert "More than the image would change" in said
    assert "Beside (AWS::SSM::Parameter) would be modified" in said
    assert project.deploy().code == 0
    shipped(project, "--tag", "2")


def test_a_tag_that_moves_between_review_and_execution_is_refused(
    web: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = pushed(web, "1")

    def meanwhile(*_: Any) -> Consent:
        pushed(web, "1", content="something else")
        return Consent.GIVEN

    monkeypatch.setattr(imaging, "consent", meanwhile)
    said = refused(web, "--tag", "1", code=3)
    assert f"1 was moved since the review: it was {one}, it is sha256:" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tag", "9"), f"{URI} has no image 9. Nothing was changed."),
        (("--digest", f"sha256:{'a' * 64}"), f"{URI} has no image sha256:aaa"),
        (("--tag", "other/app:1"), "--tag other/app:1 is no tag"),
        (("--digest", "sha256:12"), "--digest sha256:12 is no digest"),
        (("--tag", "intel"), "built for linux/amd64; the tasks run on linux/arm64"),
    ],
    ids=["missing tag", "missing digest", "another repository", "no digest", "another architecture"],
)
def test_an_image_that_cannot_run_there_is_told_before_anything_happens(
    web: Project, arguments: tuple[str, str], words: str
) -> None:
    pushed(web, "intel", "amd64")
    assert words in refused(web, *arguments, code=2)


def test_an_image_for_several_architectures_runs_on_each(web: Project) -> None:
    digest = pushed(web, "both", "amd64", "arm64")
    shipped(web, "--tag", "both")
    assert running(web) == (f"{URI}@{digest}", 1)


def test_an_image_of_another_repository_is_none_of_the_environments(web: Project) -> None:
    web.client("ecr").create_repository(repositoryName="other")
    digest = push(web.client("ecr"), "other", "1", "arm64")
    said = refused(web, "--digest", digest, code=2)
    assert f"{URI} has no image {digest}" in said
    assert "the environment's own repository" in said


def test_an_image_that_does_not_say_what_it_was_built_for_is_shipped_with_a_warning(web: Project) -> None:
    digest = f"sha256:{'b' * 64}"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": digest}, "layers": []})
    web.client("ecr").put_image(repositoryName=REPOSITORY, imageTag="plain", imageManifest=manifest, imageDigest=digest)
    assert (
        "Warning: preflight: image: could not look: GetDownloadUrlForLayer failed" in shipped(web, "--tag", "plain").err
    )


# What has to be so first


def test_one_image_is_asked_for(web: Project) -> None:
    for arguments in ((), ("--tag", "1", "--rollback")):
        done = image(web, *arguments)
        assert done.code == 2
        assert "Give one of --tag TAG, --digest sha256:... and --rollback." in done.err


def test_an_environment_that_is_not_deployed_has_no_image(project: Project) -> None:
    project.environment(ENVIRONMENT)
    done = image(project, "--tag", "1")
    assert done.code == 2
    assert "oaktree-local is not deployed" in done.err


def test_an_image_that_the_environment_file_says_is_changed_there(web: Project) -> None:
    web.environment(ENVIRONMENT.replace("[parameters]", '[parameters]\nImage = "1"'))
    said = refused(web, "--tag", "1", code=2)
    assert "environments/local.toml: Image = '1': the next deploy would go back to that image." in said


def test_a_parameter_that_is_not_kept_would_be_forgotten(web: Project) -> None:
    web.environment(ENVIRONMENT.replace('"Word", "Image"', '"Word"'))
    said = refused(web, "--tag", "1", code=2)
    assert "no kept parameter is the image of a container from a repository of ECR" in said
    assert 'kept_parameters = ["ImageTag"]' in said


def test_a_stack_on_which_something_runs_is_left_alone(web: Project) -> None:
    pushed(web, "1")
    web.fault("Beside", "update", delay=30)
    stack, arn = "oaktree-local", "changed"
    cloudformation = web.client("cloudformation")
    cloudformation.create_change_set(
        StackName=stack, ChangeSetName=arn, UsePreviousTemplate=True, Tags=[{"Key": "a", "Value": "b"}],
        Parameters=[{"ParameterKey": name, "UsePreviousValue": True} for name in ROOT["Parameters"]],
        IncludeNestedStacks=True,
    )  # fmt: skip
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=arn)
    done = image(web, "--tag", "1")
    assert done.code == 4
    assert "is busy" in done.err


def test_whoever_is_to_be_asked_is_asked(web: Project, answers: list[str]) -> None:
    pushed(web, "1")
    web.environment(ENVIRONMENT, ask=True)
    answers.append("n")
    assert "Declined: nothing was changed." in refused(web, "--tag", "1", code=3)
    shipped(web, "--tag", "1", "--yes")


def test_without_a_terminal_consent_has_to_be_given(web: Project) -> None:
    pushed(web, "1")
    web.environment(ENVIRONMENT, ask=True)
    assert "Add --yes." in refused(web, "--tag", "1", code=3)


def test_a_full_name_as_the_parameter_is_understood_too(project: Project) -> None:
    """Templates may ask for the image's whole name; the repository may be nobody's here."""
    project.environment(ENVIRONMENT)
    whole = copy.deepcopy(WEB)
    (container,) = whole["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    container["Image"] = {"Ref": "Image"}
    root = copy.deepcopy(ROOT)
    root["Parameters"]["Image"]["Default"] = f"{URI}:0"
    for name, document in (("root", root), ("web", whole), ("images", IMAGES)):
        project.template(name, document)
    assert project.deploy("--no-preflight").code == 0, "nothing is pushed yet"
    digest = pushed(project, "1")
    shipped(project, "--tag", "1")
    assert running(project) == (f"{URI}@{digest}", 1)


def test_two_images_are_not_guessed_between(project: Project) -> None:
    project.environment(ENVIRONMENT)
    both = copy.deepcopy(WEB)
    (container,) = both["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    side = {"Name": "side", "Image": {"Fn::Join": [":", [{"Ref": "Url"}, {"Ref": "Word"}]]}, "Memory": 64}
    both["Resources"]["Task"]["Properties"]["ContainerDefinitions"] = [container, side]
    for name, document in (("root", ROOT), ("web", both), ("images", IMAGES)):
        project.template(name, document)
    assert project.deploy().code == 0
    done = image(project, "--tag", "1")
    assert done.code == 2
    assert "oaktree-local runs several images: Word, Image." in done.err


def test_cloudformation_works_as_the_environments_role_for_an_image_too(web: Project) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    web.client("iam").create_role(RoleName="deploys", AssumeRolePolicyDocument=document)
    web.environment('service_role = "deploys"\n' + ENVIRONMENT)
    pushed(web, "1")
    shipped(web, "--tag", "1", "--save", "markdown=review.md")
    (stack,) = web.client("cloudformation").describe_stacks(StackName="oaktree-local")["Stacks"]
    assert stack["RoleARN"] == "arn:aws:iam::123456789012:role/deploys"
    assert "ContainerDefinitions" in (web.folder / "review.md").read_text()
