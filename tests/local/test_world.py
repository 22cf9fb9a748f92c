"""What stands around a stack: its resources, its nested stacks' outputs, other stacks' exports and outputs."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.local.stacks import Books, Resource, Revision, Stack
from oaktree_cfn.local.world import Live
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template.values import UNKNOWN, TemplateError

from .player import Player, declared, outputs, parameter, stack_of, template, topic, unique

BODY: dict[str, Any] = {"Resources": {}}


class Book:
    """A small set of books with two stacks in it."""

    def __init__(self) -> None:
        self.books = Books("eu-west-1")
        self.other = self.books.add(Stack("other", "eu-west-1", self.books.now(), status="CREATE_COMPLETE"))
        self.other.outputs = {"Arn": {"OutputKey": "Arn", "OutputValue": "arn:1", "ExportName": "shared-arn"}}
        self.mine = self.books.add(Stack("mine", "eu-west-1", self.books.now(), revision=Revision("", BODY, {}, {})))
        self.mine.resources = {
            "Made": Resource(
                "Made", "AWS::SNS::Topic", {"DisplayName": "d", "Deep": {"Er": "e"}}, {}, "id-1", {"TopicArn": "arn:t"}
            ),
            "Coming": Resource("Coming", "AWS::SNS::Topic", {"DisplayName": "d"}, {}),
            "Child": Resource("Child", STACK_TYPE, {}, {}, self.other.id),
        }

    def live(self, *, strict: bool = True) -> Live:
        return Live(self.books, self.mine, lambda region: [f"{region}a"], strict)


def test_a_resource_answers_once_it_is_made() -> None:
    live = Book().live()
    assert live.physical_id("Made") == "id-1"
    assert live.physical_id("Coming") is live.physical_id("Nothing") is UNKNOWN
    assert live.attribute("Coming", "TopicArn") is UNKNOWN


def test_attributes_are_what_the_handler_gave_or_a_property() -> None:
    live = Book().live()
    assert live.attribute("Made", "TopicArn") == "arn:t"
    assert live.attribute("Made", "DisplayName") == "d"
    assert live.attribute("Made", "Deep.Er") == "e"
    with pytest.raises(TemplateError, match=r"Resource type AWS::SNS::Topic does not support attribute \{Colour\}"):
        live.attribute("Made", "Colour")


def test_a_nested_stack_answers_with_its_outputs() -> None:
    book = Book()
    assert book.live().attribute("Child", "Outputs.Arn") == "arn:1"
    with pytest.raises(TemplateError, match=f"Output 'Nothing' not found in stack '{book.other.id}'"):
        book.live().attribute("Child", "Outputs.Nothing")
    with pytest.raises(TemplateError, match="resource Child does not support attribute type Arn in Fn::GetAtt"):
        book.live().attribute("Child", "Arn")


def test_imports_are_remembered() -> None:
    live = Book().live()
    assert live.export("shared-arn") == "arn:1"
    assert live.imported == {"shared-arn"}


@pytest.mark.parametrize("question", ["export", "stack_output"])
def test_what_others_do_not_offer_is_refused_or_not_known_yet(question: str) -> None:
    def ask(live: Live) -> Any:
        return live.export("nobody") if question == "export" else live.stack_output("other", "Nothing", "eu-west-1")

    assert ask(Book().live(strict=False)) is UNKNOWN
    with pytest.raises(TemplateError):
        ask(Book().live())


def test_outputs_of_another_region_are_not_played() -> None:
    with pytest.raises(TemplateError, match="one region at a time"):
        Book().live(strict=False).stack_output("other", "Arn", "us-east-1")


def test_a_deleted_stack_offers_nothing() -> None:
    book = Book()
    book.books.record(book.other, "DELETE_COMPLETE")
    with pytest.raises(TemplateError, match="No export named shared-arn found"):
        book.live().export("shared-arn")


# --- over HTTP ------------------------------------------------------------------------------------------------------


def test_siblings_pass_outputs_on_and_the_root_exports_them(player: Player) -> None:
    export = unique("export")
    one = player.upload(template(declared("Word") | outputs(Said={"Fn::Sub": "${Word}!"}, Arn={"Ref": "T"}), T=topic()))
    body = template(
        {"Outputs": {"O": {"Value": {"Fn::GetAtt": ["Second", "Outputs.Said"]}, "Export": {"Name": export}}}},
        Second=stack_of(one, Word={"Fn::GetAtt": ["First", "Outputs.Said"]}),
        First=stack_of(one, Word="hi"),
    )
    stack = player.create(body)
    assert player.outputs(stack) == {"O": "hi!!"}
    importer = player.create(template(Word=parameter({"Fn::ImportValue": {"Fn::Sub": export}})))
    assert player.value(player.ids(importer)["Word"]) == "hi!!"
    for child in player.ids(stack).values():
        found = player.stack(child)
        assert (found["ParentId"], found["RootId"]) == (stack, stack)


def test_a_grandchild_knows_its_parent_and_its_root(player: Player) -> None:
    leaf = player.upload(template(T=topic()))
    root = player.create(template(Middle=stack_of(player.upload(template(Leaf=stack_of(leaf))))))
    middle = player.ids(root)["Middle"]
    found = player.stack(player.ids(middle)["Leaf"])
    assert (found["ParentId"], found["RootId"]) == (middle, root)
    assert "ParentId" not in player.stack(root)


def test_an_output_of_another_stack_is_read_without_holding_it(player: Player) -> None:
    name = unique()
    stack = player.create(template(outputs(Word="hello"), T=topic()), name=name)
    reader = player.create(template(Word=parameter({"Fn::GetStackOutput": {"StackName": name, "OutputName": "Word"}})))
    assert player.value(player.ids(reader)["Word"]) == "hello"
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_regions_know_nothing_of_each_other(player: Player) -> None:
    name = unique()
    player.create(template({"Outputs": {"O": {"Value": "v", "Export": {"Name": name}}}}, T=topic()), name=name)
    elsewhere = Player(player.endpoint, "eu-west-1")
    assert name not in {each["StackName"] for each in elsewhere.cfn.describe_stacks()["Stacks"]}
    assert name not in {each["Name"] for each in elsewhere.cfn.list_exports()["Exports"]}
    stack = elsewhere.create(
        template({"Outputs": {"O": {"Value": {"Ref": "AWS::Region"}, "Export": {"Name": name}}}}, T=topic()), name=name
    )
    assert elsewhere.outputs(stack) == {"O": "eu-west-1"}
    assert ":eu-west-1:" in elsewhere.ids(stack)["T"]
