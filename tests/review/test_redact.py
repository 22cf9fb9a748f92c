"""No secret leaves, whatever it is called, wherever it stands, and in whatever guise."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, ChangeSet, Detail
from oaktree_cfn.review.redact import HIDDEN, Redactor
from oaktree_cfn.review.review import review
from oaktree_cfn.template.secrets import secret_name

from .change_sets import plain

SECRET = 'hunter2-"quoted"-hunter2'


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "MasterUserPassword",
        "API_KEY",
        "apiKey",
        "TOKEN",
        "ClientSecret",
        "SECRET_KEY_BASE",
        "DSN",
        "PrivateKey",
    ],
)
def test_secret_names(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "SecretArn",
        "token.actions.githubusercontent.com:sub",
        "PORT",
        "HOST",
        "AWS_REGION",
        "USE_AWS_DB",
        "DYNAMODB_TABLE",
        "Image",
        "TokenUrl",
        "AuthType",
        "Path",
    ],
)
def test_harmless_names(name: str) -> None:
    assert not secret_name(name)


# Where secrets stand


def taken(properties: Any, type_: str = "AWS::X::Y") -> Redactor:
    return Redactor.of([Change("Add", "T", type_, after={"Properties": properties})])


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("X", {"DbPassword": SECRET}),
        ("X", {"Deep": [{"Tokens": [SECRET]}]}),
        ("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Environment": [{"Name": "API_KEY", "Value": SECRET}]}]}),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"DB_PASSWORD": SECRET}}}),
        ("AWS::SecretsManager::Secret", {"SecretString": SECRET}),
        ("AWS::ElasticLoadBalancingV2::Listener", {"DefaultActions": [{"AuthenticateOidcConfig": {"ClientSecret": SECRET}}]}),
        ("AWS::IAM::User", {"LoginProfile": {"Password": SECRET}}),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"UserData": SECRET}}),
        ("X", {"Json": json.dumps({"db": {"password": SECRET}})}),
    ],
)  # fmt: skip
def test_a_value_that_must_be_secret_is_hidden_in_any_text(type_: str, properties: Any) -> None:
    assert taken(properties, type_).text(f"run --with {SECRET} now") == f"run --with {HIDDEN} now"


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::ECR::Repository", {"EmptyOnDelete": "true"}),
        ("AWS::Lambda::Function", {"Code": {"ImageUri": "repo/app:v2", "S3Bucket": "artifacts"}}),
        ("X", {"USE_AUTH": "true", "SecretKey": KNOWN_AFTER_APPLY}),
        ("X", {"Password": "{{resolve:secretsmanager:db:SecretString:password}}"}),
        ("X", {"DbSecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"}),
    ],
)
def test_what_is_no_secret_stays_readable(type_: str, properties: Any) -> None:
    assert taken(properties, type_).values == frozenset()


def test_an_environment_value_whose_name_is_not_told_is_hidden() -> None:
    path = "/Properties/ContainerDefinitions/0/Environment/0/Value"
    change = Change("Modify", "T", "AWS::ECS::TaskDefinition", details=(Detail("Properties", "C", path, "", SECRET),))
    assert SECRET not in repr(review(plain(change)))


def test_a_value_under_a_telling_name_is_found_in_a_list_that_was_cut_short() -> None:
    cut = '[{"Name":"app","Environment":[{"Name":"PORT","Value":"8080"},{"Name":"TOKEN","Value":"abcdefgh-1234'
    redact = Redactor.of([Change("Modify", "T", "X", details=(Detail("Properties", "C", before="", after=cut),))])
    assert redact.values == {"abcdefgh-1234"}


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
    ],
)
def test_what_looks_like_a_secret_is_one(text: str) -> None:
    assert Redactor.of([]).text(f"a {text}") == f"a {HIDDEN}"


def test_the_password_in_a_url_is_hidden() -> None:
    assert Redactor.of([]).text("postgres://app:swordfish@db/users") == f"postgres://{HIDDEN}@db/users"


# Guises

SECRETS = st.text('abcdefghjkmnpqrstuvwxyzABCDEFGH23456789-_/+="\\\n€ ', min_size=8, max_size=30).filter(
    lambda text: len(set(text)) > 5 and text.strip() == text and any(letter.isalnum() for letter in text[:8])
)


@given(SECRETS, st.text(max_size=5), st.text(max_size=5))
def test_no_guise_shows_it(secret: str, before: str, after: str) -> None:
    redact = Redactor.of([], [secret])
    whole = f"{before}{secret}{after}"
    coded = base64.b64encode(whole.encode("utf-8", "replace")).decode()
    for text in (whole, json.dumps(whole), json.dumps(whole, ensure_ascii=False), json.dumps(json.dumps({"a": whole}))):
        assert secret not in redact.text(text)
        assert json.dumps(secret)[1:-1] not in redact.text(text)
    assert quote(secret, safe="") not in redact.text(quote(whole.encode("utf-8", "replace"), safe=""))
    assert HIDDEN in redact.text(coded)


@given(SECRETS, st.integers(8, 30))
def test_the_beginning_of_one_that_was_cut_is_hidden(secret: str, length: int) -> None:
    cut = secret[:length]
    assert cut not in Redactor.of([], [secret]).text(f"value: {cut}")
    assert cut not in Redactor.of([], [secret]).text(f'{{"a": "{cut}" ...')


def test_what_only_begins_alike_stays_readable() -> None:
    assert Redactor.of([], ["oaktree-dev-password"]).text("oaktree-dev-users") == "oaktree-dev-users"


# A whole review


CANARY = "Zq7xK9canaryW3v8"
PLACES = ("context", "detail", "parameter", "list", "json")


def planted(place: str, known: bool) -> ChangeSet:
    """A change set with the canary somewhere: under a telling name, or anywhere once it is known."""
    name = "Harmless" if known else "DbPassword"
    properties: dict[str, Any] = {"PolicyDocument": {"Statement": []}}
    details: tuple[Detail, ...] = (Detail("Properties", "Other", "/Properties/Other", "a", f"run {CANARY}"),)
    match place:
        case "context":
            properties[name] = CANARY
        case "detail":
            details += (Detail("Properties", name, f"/Properties/{name}", CANARY, "b"),)
        case "list":
            properties["Environment"] = [{"Name": name, "Value": CANARY}]
        case "json":
            properties["Text"] = json.dumps({name: CANARY})
    statement = {"Effect": "Allow", "Action": f"s3:{CANARY}", "Resource": f"arn:{CANARY}", "Principal": {"AWS": CANARY}}
    before = {"Properties": properties}
    after = {"Properties": {**properties, "PolicyDocument": {"Statement": [statement]}}}
    change = Change(
        "Modify",
        "T",
        "AWS::S3::BucketPolicy",
        f"id-{CANARY}",
        policy_action="",
        details=details,
        before=before,
        after=after,
    )
    odd = Change("Modify", "U", "AWS::SNS::Topic", replacement=f"New {CANARY}", details=details)
    parameters = {name: CANARY} if place == "parameter" else {}
    return replace(plain(change, odd), parameters=parameters, reason=f"because {CANARY}")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("known", [True, False])
def test_a_canary_is_in_no_part_of_a_review(place: str, known: bool) -> None:
    found = review(planted(place, known), secrets=[CANARY] if known else [])
    assert found.consequences
    assert CANARY not in repr(found)
    assert base64.b64encode(CANARY.encode()).decode() not in repr(found)


TEXTS = st.sampled_from(["", "run ", "a=", '{"x": "'])


@st.composite
def trees(draw: st.DrawFn) -> tuple[ChangeSet, str]:
    """Random values of every kind, with one random secret at random places among them."""
    secret = draw(st.text("abcdefghkmnpqrstuvwxyz23456789", min_size=12, max_size=20).filter(lambda t: len(set(t)) > 6))
    leaf = st.sampled_from(["a", "10.0.0.0/8", KNOWN_AFTER_APPLY, secret]) | TEXTS.map(lambda start: start + secret)
    names = st.sampled_from(
        ["Policies", "PolicyDocument", "Statement", "Action", "Resource", "Principal", "SecurityGroupIngress", "CidrIp",
         "IpProtocol", "Environment", "Name", "Value", "LifecycleConfiguration", "Rules", "ManagedPolicyArns", "Scheme"]
    )  # fmt: skip
    values = st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3), max_leaves=6
    )
    contexts = st.none() | st.dictionaries(names, values, max_size=4).map(lambda found: {"Properties": found})
    texts = st.none() | leaf
    details = st.builds(
        Detail, attribute=st.just("Properties"), name=names, path=st.just(""), before=texts, after=texts
    )
    types = st.sampled_from(
        ["AWS::IAM::Policy", "AWS::IAM::Role", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
         "AWS::ECS::TaskDefinition", "AWS::ElasticLoadBalancingV2::LoadBalancer"]
    )  # fmt: skip
    change = st.builds(
        Change,
        action=st.sampled_from(["Add", "Modify", "Remove"]),
        logical_id=st.just("T"),
        type=types,
        physical_id=texts.map(lambda text: text or ""),
        replacement=st.sampled_from(["", "True", "False", "Conditional"]),
        details=st.lists(details, max_size=2).map(tuple),
        before=contexts,
        after=contexts,
    )
    return replace(plain(draw(change)), reason=draw(leaf)), secret


@given(trees())
def test_a_known_secret_at_any_place_of_any_tree_is_in_no_part_of_its_review(found: tuple[ChangeSet, str]) -> None:
    tree, secret = found
    shown = repr(review(tree, secrets=[secret]))
    assert secret not in shown
    assert secret.lower() not in shown.lower()
