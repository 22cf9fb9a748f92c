"""Environment files: what a good one gives, and what is said of a bad one."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from oaktree_cfn.environment import KEYS, load, names, regions
from oaktree_cfn.errors import InvalidInput

OURS = Path(__file__).parents[1] / "environments"

GOOD = """
region = "eu-west-1"
account = "123456789012"
prefix = "oaktree-test"
kept_parameters = ["ImageTag"]
termination_protection = true
production = true

[parameters]
Zones = 3
RetainTable = true
Names = ["a", "b"]
HealthCheckPath = "/health"

[tags]
team = "oak"

[accepted]
"grace-period:Service/Service" = "it answers at once"
"plain-secret:Service/TaskDefinition.ContainerDefinitions.0.Environment.3.Value" = "a test key of nobody"

[review]
ask = false
destroy = "refuse"
refuse = ["availability", "cost:note"]
notice = ["network:ask"]
protected = ["Data/*"]
"""


def written(folder: Path, text: str, name: str = "test") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def complaints(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        load("test", written(folder, text))
    prefix = f"{folder / 'test.toml'}: "
    lines = caught.value.message.splitlines()
    assert all(line.startswith(prefix) for line in lines)
    assert caught.value.advice == f"Correct {folder / 'test.toml'}."
    return [line.removeprefix(prefix) for line in lines]


def test_our_three_environments_load() -> None:
    assert names(OURS) == ("dev", "local", "prod")
    assert regions(OURS) == ("ap-southeast-1",)
    assert {load(name, OURS).prefix for name in names(OURS)} == {"oaktree-dev", "oaktree-local", "oaktree-prod"}


def test_local_needs_no_answer_and_exercises_private_subnets_and_nat() -> None:
    local = load("local", OURS)
    assert (local.account, local.ask) == ("123456789012", False)
    assert (local.parameters["TaskSubnets"], local.parameters["NatGateways"]) == ("private", "single")


def test_dev_pays_for_no_nat_and_can_be_destroyed() -> None:
    dev = load("dev", OURS)
    assert (dev.parameters["TaskSubnets"], dev.parameters["NatGateways"]) == ("public", "none")
    assert (dev.parameters["EmptyRepositoryOnDelete"], dev.destroy, dev.ask) == ("true", "ask", True)


def test_prod_is_protected_in_every_way_there_is() -> None:
    prod = load("prod", OURS)
    assert (prod.termination_protection, prod.destroy, prod.ask) == (True, "refuse", True)
    wanted = {
        "Zones": "3",
        "TaskSubnets": "private",
        "NatGateways": "per-zone",
        "ImageTagMutability": "IMMUTABLE",
        "EmptyRepositoryOnDelete": "false",
        "RetainTable": "true",
        "PointInTimeRecovery": "true",
        "TableDeletionProtection": "true",
        "LoadBalancerDeletionProtection": "true",
    }
    assert wanted.items() <= prod.parameters.items()


def test_every_environment_keeps_the_image_that_was_deployed() -> None:
    assert all("ImageTag" in load(name, OURS).kept_parameters for name in names(OURS))


def test_a_file_becomes_an_environment_with_values_as_cloudformation_takes_them(tmp_path: Path) -> None:
    environment = load("test", written(tmp_path, GOOD))
    assert environment.stack_name == "oaktree-test"
    assert environment.parameters == {
        "Prefix": "oaktree-test",
        "Environment": "test",
        "Zones": "3",
        "RetainTable": "true",
        "Names": "a,b",
        "HealthCheckPath": "/health",
    }
    assert environment.tags == {
        "project": "oaktree",
        "environment": "test",
        "managed-by": "oaktree-cfn",
        "team": "oak",
    }
    assert (environment.ask, environment.destroy, environment.termination_protection) == (False, "refuse", True)
    assert environment.refuse == ("availability", "cost:note")
    assert (environment.notice, environment.protected) == (("network:ask",), ("Data/*",))
    assert environment.production is True
    assert environment.accepted == {
        "grace-period:Service/Service": "it answers at once",
        "plain-secret:Service/TaskDefinition.ContainerDefinitions.0.Environment.3.Value": "a test key of nobody",
    }


def test_a_project_of_ones_own_puts_its_name_on_everything(tmp_path: Path) -> None:
    environment = load("test", written(tmp_path, 'project = "shop"\n' + GOOD))
    assert environment.tags["project"] == "shop"


@pytest.mark.parametrize(
    "role", ["oaktree-test-cloudformation-role", "arn:aws:iam::123456789012:role/teams/oak/deploys"]
)
def test_the_role_that_cloudformation_works_as_has_a_name_or_an_arn(tmp_path: Path, role: str) -> None:
    assert load("test", written(tmp_path, f'service_role = "{role}"\n{GOOD}')).service_role == role
    assert load("test", tmp_path).beside("oaktree-macros").service_role == ""


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("a/b", "must be the name or the ARN of an IAM role, not 'a/b'"),
        ("arn:aws:iam::123456789012:user/ann", "must be the name or the ARN of an IAM role"),
        (
            "arn:aws:iam::210987654321:role/deploys",
            "must be a role of account 123456789012, not arn:aws:iam::210987654321",
        ),
    ],
)
def test_what_is_no_role_of_the_account_is_refused(tmp_path: Path, role: str, said: str) -> None:
    (complaint,) = complaints(tmp_path, f'service_role = "{role}"\n{GOOD}')
    assert complaint.startswith(f"service_role: {said}")


def test_the_pipelines_values_are_its_templates_parameters(tmp_path: Path) -> None:
    text = GOOD + '[pipeline]\nGitHubOwner = "oak"\nGitHubOwnerId = 7\nPrefix = "other"\n'
    assert complaints(tmp_path, text) == [
        "pipeline.Prefix: is set by the library, from prefix and from the file's name"
    ]
    written(tmp_path, text.replace('Prefix = "other"\n', ""))
    assert load("test", tmp_path).pipeline == {"GitHubOwner": "oak", "GitHubOwnerId": "7"}


def test_the_smallest_file_asks_before_everything(tmp_path: Path) -> None:
    text = 'region = "eu-west-1"\naccount = "123456789012"\nprefix = "oaktree-test"\n'
    environment = load("test", written(tmp_path, text))
    assert (environment.ask, environment.destroy, environment.kept_parameters) == (True, "ask", ())
    assert (environment.production, environment.accepted, environment.exceptions) == (False, {}, {})


def test_controls_are_accepted_one_by_one_or_several_for_one_reason(tmp_path: Path) -> None:
    entries = '[accepted]\n"ELB.5 ELB.6" = "it goes away soon"\n"EC2.6" = "nobody reads it"\n"check-timeout:Group" = "a test"\n'
    text = 'region = "eu-west-1"\naccount = "123456789012"\nprefix = "oaktree-test"\n' + entries
    environment = load("test", written(tmp_path, text))
    assert environment.exceptions == {
        "ELB.5": "it goes away soon",
        "ELB.6": "it goes away soon",
        "EC2.6": "nobody reads it",
    }
    assert environment.accepted == {"check-timeout:Group": "a test"}


def test_an_unknown_environment_names_the_ones_there_are(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "staging")
    with pytest.raises(InvalidInput, match=r"no environment 'stagin' in .*; did you mean staging\?") as caught:
        load("stagin", tmp_path)
    assert caught.value.advice == "There are: staging."


@pytest.mark.parametrize("name", ["", "../test", "/etc/passwd", "Test", "te st"])
def test_a_name_that_is_no_name_leads_nowhere(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "environments"
    inner.mkdir()
    written(tmp_path, GOOD)
    written(inner, GOOD, "dev")
    with pytest.raises(InvalidInput, match="There is no environment"):
        load(name, inner)


def test_a_folder_without_environments_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no environment files"):
        load("dev", tmp_path / "nowhere")


def test_malformed_toml_names_file_and_line(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, GOOD.replace("Zones = 3", "Zones = "))
    assert said.startswith("not valid TOML: ")
    assert "line 10" in said


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test.toml").write_bytes(b'prefix = "\xff"')
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load("test", tmp_path)


def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    assert complaints(tmp_path, "") == ["prefix: missing", "region: missing", "account: missing"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("region =", "regoin =", ["region: missing", "regoin: unknown key; did you mean region?"]),
        ("[review]", "[reveiw]", ["reveiw: unknown key; did you mean review?"]),
        ("production = true", 'production = "yes"', ["production: must be true or false without quotes, not 'yes'"]),
        ('= "it answers at once"', '= " "', ["accepted.grace-period:Service/Service: must be the reason in quotes"]),
        ('= "it answers at once"', "= true", ["accepted.grace-period:Service/Service: must be the reason in quotes"]),
        (
            '"grace-period:Service/Service"',
            '"grace-period"',
            [
                "accepted.grace-period: a rule and a path, or controls, in quotes: "
                '"grace-period:Service/Service", "ELB.5 ELB.6"'
            ],
        ),
        ("destroy =", "destory =", ["review.destory: unknown key; did you mean destroy?"]),
        ('"eu-west-1"', '"Ireland"', ["region: must be an AWS region such as ap-southeast-1, not 'Ireland'"]),
        ('"123456789012"', "123456789012", ["account: must be 12 digits in quotes, not 123456789012"]),
        (
            'region = "eu-west-1"',
            'region = "eu-west-1"\nproject = ""',
            ["project: must be 1 to 256 letters, digits, spaces and _ . : / = + - @, not ''"],
        ),
        ('"123456789012"', '"1234"', ["account: must be 12 digits in quotes, not '1234'"]),
        ('["ImageTag"]', '"ImageTag"', ["kept_parameters: must be a list of texts, not 'ImageTag'"]),
        (
            "termination_protection = true",
            'termination_protection = "yes"',
            ["termination_protection: must be true or false without quotes, not 'yes'"],
        ),
        ("ask = false", "ask = 0", ["review.ask: must be true or false without quotes, not 0"]),
        ("protected =", "protect =", ["review.protect: unknown key; did you mean protected?"]),
        ('["Data/*"]', '"Data/*"', ["review.protected: must be a list of texts, not 'Data/*'"]),
        ('"refuse"', '"never"', ['review.destroy: must be "ask" or "refuse", not \'never\'']),
        (
            "Zones = 3",
            "Prefix = 'x'",
            ["parameters.Prefix: is set by the library, from prefix and from the file's name"],
        ),
        ("Zones = 3", "Zone-s = 3", ["parameters.Zone-s: a parameter's name is letters and digits"]),
        (
            "Zones = 3",
            "Zones = 1.5",
            ["parameters.Zones: must be a text, a whole number, true, false or a list of texts, not 1.5"],
        ),
        ('team = "oak"', 'project = "oak"', ["tags.project: is set by the library"]),
        (
            'team = "oak"',
            'team = ""',
            ["tags.team: must be 1 to 256 letters, digits, spaces and _ . : / = + - @, not ''"],
        ),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_it_must_be(
    before: str, after: str, said: list[str], tmp_path: Path
) -> None:
    assert before in GOOD
    assert complaints(tmp_path, GOOD.replace(before, after)) == said


@pytest.mark.parametrize("prefix", ["Oaktree", "o", "oaktree--dev", "oaktree-", "internal-oaktree", "o" * 29, "1oak"])
def test_a_prefix_that_some_service_would_refuse_is_refused_first(prefix: str, tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, GOOD.replace('"oaktree-test"', f'"{prefix}"'))
    assert said.startswith("prefix: must be 3 to 28 ")


def test_a_table_that_is_no_table_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace('[tags]\nteam = "oak"', "").replace("[parameters]", 'tags = "oak"\n[parameters]')
    assert complaints(tmp_path, text) == ["tags: must be a table: [tags]"]


def test_more_tags_than_a_stack_takes_are_refused(tmp_path: Path) -> None:
    many = "\n".join(f't{number} = "x"' for number in range(48))
    (said,) = complaints(tmp_path, GOOD.replace('team = "oak"', many))
    assert said == "tags: 48 tags; with the library's three a stack may have 50"


def test_the_page_about_environments_is_written_from_the_root_template_and_the_files() -> None:
    docs = OURS.parent / "docs"
    page = runpy.run_path(str(docs / "environments.py"))["page"]()
    assert (docs / "environments.md").read_text(encoding="utf-8") == page, "run: make reference"


def test_the_page_about_environments_names_every_key() -> None:
    page = (OURS.parent / "docs" / "environments.md").read_text(encoding="utf-8")
    for key in (*KEYS, "[parameters]", "[tags]", "[accepted]", "[pipeline]", "[frozen_exports]", "[review]"):
        assert f"`{key}`" in page
