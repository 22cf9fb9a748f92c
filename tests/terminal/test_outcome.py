"""Outputs for people, programs, shells and GitHub."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import Output
from oaktree_cfn.terminal.outcome import blocks, shell_name, table, text

OUTPUTS = (
    Output("RepositoryUrl", "1234.dkr.ecr/oaktree-dev"),
    Output("PushCommands", "docker build .\ndocker push\n", "What to run next."),
)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)


def test_a_table_has_one_line_a_value_and_leaves_blocks_out() -> None:
    assert table((*OUTPUTS, Output("Id", "x"))) == "RepositoryUrl  1234.dkr.ecr/oaktree-dev\nId             x"
    assert table(()) == ""


def test_longer_texts_are_blocks_under_their_description() -> None:
    assert blocks(OUTPUTS) == [("What to run next.", "docker build .\ndocker push")]


def test_json_is_one_object() -> None:
    assert json.loads(text(OUTPUTS, "json")) == {output.key: output.value for output in OUTPUTS}


@given(VALUES)
def test_a_shell_reads_back_every_value(value: str) -> None:
    script = f'{text([Output("LoadBalancerDnsName", value)], "env")}\nprintf %s "$LOAD_BALANCER_DNS_NAME"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True)  # noqa: S603  # our own text
    assert done.stdout.decode() == value


@given(VALUES)
def test_github_reads_back_every_value(value: str) -> None:
    """As GitHub's runner reads the file: KEY=VALUE, or KEY<<MARK, lines, MARK."""
    lines = text([Output("Key", value), Output("Last", "end")], "github").split("\n")
    head = lines[0]
    if head.startswith("Key<<"):
        end = lines.index(head.removeprefix("Key<<"), 1)
        assert "\n".join(lines[1:end]) == value
        assert lines[end + 1 :] == ["Last=end"]
    else:
        assert lines == [f"Key={value}", "Last=end"]


@pytest.mark.parametrize(
    ("key", "name"),
    [("VpcId", "VPC_ID"), ("LoadBalancerDnsName", "LOAD_BALANCER_DNS_NAME"), ("DNSName", "DNS_NAME"), ("Url2", "URL2")],
)
def test_names_for_a_shell(key: str, name: str) -> None:
    assert shell_name(key) == name
