"""One endpoint for everything: CloudFormation is ours, the rest is moto's, and the stage has a door of its own."""

from __future__ import annotations

import concurrent.futures
import socket
import urllib.error
import urllib.parse
from typing import Any

import pytest

from oaktree_cfn.local.resources import handlers

from .player import Player, parameter, template, topic, unique


def test_every_service_but_cloudformation_is_motos(player: Player) -> None:
    assert player.client("sts").get_caller_identity()["Account"] == "123456789012"
    stack = player.create(template(Topic=topic("x")))
    arn = player.ids(stack)["Topic"]
    assert player.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "x"


def test_what_is_made_with_cloudformation_is_seen_by_all_callers(player: Player) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": unique("queue")}}
    url = player.ids(player.create(template(Queue=queue)))["Queue"]
    assert url in player.client("sqs").list_queues()["QueueUrls"]


def test_many_callers_at_once_get_each_their_own(player: Player) -> None:
    names = [unique("many") for _ in range(12)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        stacks = list(
            pool.map(lambda name: player.create(template(Word=parameter(name), Topic=topic(name)), name=name), names)
        )
    for name, stack in zip(names, stacks, strict=True):
        assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE"
        assert player.value(player.ids(stack)["Word"]) == name


def test_the_door_tells_what_the_stage_holds_and_can_play(player: Player) -> None:
    name = unique("seen")
    stack = player.create(template(Topic=topic()), name=name)
    state = player.door("GET", "state")
    (found,) = (each for each in state["stacks"] if each["name"] == name)
    assert found == {
        "name": name,
        "region": player.region,
        "status": "CREATE_COMPLETE",
        "nested": False,
        "resources": 1,
        "root": name,
    }
    assert state["types"] == sorted(handlers())
    assert all(why for properties in state["not_kept"].values() for why in properties.values())
    player.delete(stack)
    assert name not in {each["name"] for each in player.door("GET", "state")["stacks"]}


@pytest.mark.parametrize(
    ("method", "door", "body", "code"),
    [
        ("GET", "nowhere", None, 404),
        ("DELETE", "state", None, 404),
        ("POST", "faults", {"resource": "A", "step": "explode"}, 400),
        ("POST", "faults", {"colour": "red"}, 400),
        ("POST", "faults", ["A"], 400),
        ("POST", "faults", None, 400),
    ],
)
def test_a_wrong_knock_at_the_door_is_answered_in_words(
    player: Player, method: str, door: str, body: Any, code: int
) -> None:
    with pytest.raises(urllib.error.HTTPError) as answered:
        player.door(method, door, body)
    with answered.value as answer:
        assert answer.code == code
        assert b'"error": "' in answer.read()


def test_a_reset_forgets_everything(player: Player) -> None:
    player.create(template(Topic=topic()))
    player.fault(resource="*", step="create", fail="no", times=99)
    player.door("POST", "reset")
    assert player.door("GET", "state")["stacks"] == []
    assert player.topics() == set()
    stack = player.create(template(Topic=topic()))
    assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE"


def test_a_reset_in_the_middle_of_an_operation_leaves_nothing_of_it(player: Player) -> None:
    player.fault(resource="Topic", step="create", delay=30)
    player.start(template(Topic=topic()))
    player.door("POST", "reset")
    assert player.door("GET", "state")["stacks"] == []


def test_uploads_are_told_to_continue(endpoint_of_stage: str) -> None:
    place = urllib.parse.urlsplit(endpoint_of_stage)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(
            b"POST /_oaktree/nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        told = connection.recv(1000)
        assert told.startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"{}")
        while b"HTTP/1.1 404" not in told:
            more = connection.recv(1000)
            assert more
            told += more
