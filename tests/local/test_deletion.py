"""Deleting: in reverse order, as the policies say, never what others still use."""

from __future__ import annotations

from typing import Any

from .player import Player, Refused, Template, parameter, stack_of, template, topic, unique


def test_resources_go_in_the_reverse_order_of_their_making(player: Player) -> None:
    stack = player.create(
        template(
            A=parameter("x"), B=parameter({"Ref": "A"}), C=parameter({"Ref": "B"}), D=parameter("y", DependsOn="C")
        )
    )
    player.delete(stack)
    gone = [line for line in player.story(stack) if line.endswith("DELETE_COMPLETE")]
    assert gone == [
        "D DELETE_COMPLETE",
        "C DELETE_COMPLETE",
        "B DELETE_COMPLETE",
        "A DELETE_COMPLETE",
        "stack DELETE_COMPLETE",
    ]


def test_each_resource_goes_as_its_policy_says(player: Player) -> None:
    names = {policy: f"/{unique(policy)}" for policy in ("Delete", "Retain", "RetainExceptOnCreate")}
    stack = player.create(
        template(**{policy: parameter("x", name=name, DeletionPolicy=policy) for policy, name in names.items()})
    )
    assert player.delete(stack) == "DELETE_COMPLETE"
    assert {policy: player.value(name) for policy, name in names.items()} == {
        "Delete": None,
        "Retain": "x",
        "RetainExceptOnCreate": "x",
    }
    skipped = {line for line in player.story(stack) if "SKIPPED" in line}
    assert skipped == {"Retain DELETE_SKIPPED", "RetainExceptOnCreate DELETE_SKIPPED"}


def test_nested_stacks_go_with_all_they_have(player: Player) -> None:
    leaf = player.upload(template(Inner=topic()))
    middle = player.upload(template(Leaf=stack_of(leaf), Own=topic()))
    before = player.topics()
    stack = player.create(template(Middle=stack_of(middle)))
    child = player.ids(stack)["Middle"]
    grandchild = player.ids(child)["Leaf"]
    assert player.delete(stack) == "DELETE_COMPLETE"
    assert player.topics() == before
    for gone in (child, grandchild):
        assert player.stack(gone)["StackStatus"] == "DELETE_COMPLETE"
    with Refused("does not exist"):
        player.stack(child.split("/")[1])


def test_what_does_not_go_keeps_what_it_needs_and_the_stack(player: Player) -> None:
    stack = player.create(template(Ground=parameter("x"), Stuck=parameter({"Ref": "Ground"}), Free=topic()))
    ids = player.ids(stack)
    player.fault(resource="Stuck", step="delete", fail="I stay")
    assert player.delete(stack) == "DELETE_FAILED"
    assert "I stay" in player.reason(stack, "DELETE_FAILED", "Stuck")
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to delete: [Stuck]. "
    assert set(player.ids(stack)) == {"Ground", "Stuck"}
    assert player.value(ids["Ground"]) == "x"
    with Refused(f"Stack:{stack} is in DELETE_FAILED state and can not be updated."):
        player.update(stack, template(Free=topic()))
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_what_does_not_go_may_be_left_behind(player: Player) -> None:
    stack = player.create(template(Stuck=parameter("x"), Free=topic()))
    name = player.ids(stack)["Stuck"]
    with Refused("specify which resources to retain only when the stack is in the DELETE_FAILED state"):
        player.delete(stack, RetainResources=["Stuck"])
    player.fault(resource="Stuck", step="delete", fail="I stay", times=9)
    assert player.delete(stack) == "DELETE_FAILED"
    assert player.delete(stack, RetainResources=["Stuck"]) == "DELETE_COMPLETE"
    assert player.value(name) == "x"


def test_a_nested_stack_that_does_not_go_stops_its_parent(player: Player) -> None:
    stack = player.create(template(Child=stack_of(player.upload(template(Inner=topic())))))
    child = player.ids(stack)["Child"]
    player.fault(resource="Child/Inner", step="delete", fail="I stay")
    assert player.delete(stack) == "DELETE_FAILED"
    assert player.stack(child)["StackStatus"] == "DELETE_FAILED"
    assert player.reason(stack, "DELETE_FAILED", "Child").startswith(
        f"Embedded stack {child} was not successfully deleted: The following resource(s)"
    )
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_a_resource_that_somebody_deleted_already_is_gone(player: Player) -> None:
    stack = player.create(template(Word=parameter("x")))
    player.client("ssm").delete_parameter(Name=player.ids(stack)["Word"])
    assert player.delete(stack) == "DELETE_COMPLETE"


# --- exports --------------------------------------------------------------------------------------------------------


def exporting(export: str, value: Any = "one", **more: Any) -> Template:
    return template({"Outputs": {"O": {"Value": value, "Export": {"Name": export}}}}, Topic=topic(), **more)


def test_an_export_in_use_can_neither_change_nor_go(player: Player) -> None:
    export, user = unique("export"), unique("user")
    stack = player.create(exporting(export))
    importer = player.create(template(Word=parameter({"Fn::ImportValue": export})), name=user)
    assert player.update(stack, exporting(export, "two")) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        player.reason(stack, "UPDATE_ROLLBACK_IN_PROGRESS")
        == f"Export {export} cannot be updated as it is in use by {user}"
    )
    assert player.update(stack, template(Topic=topic("x"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        player.reason(stack, "UPDATE_ROLLBACK_IN_PROGRESS")
        == f"Export {export} cannot be deleted as it is in use by {user}"
    )
    assert player.outputs(stack) == {"O": "one"}
    assert player.delete(stack) == "DELETE_FAILED"
    assert player.stack(stack)["StackStatusReason"] == f"Export {export} cannot be deleted as it is in use by {user}"
    assert set(player.ids(stack)) == {"Topic"}
    player.delete(importer)
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_an_importer_that_lets_go_sets_the_export_free(player: Player) -> None:
    export = unique("export")
    stack = player.create(exporting(export))
    importer = player.create(template(Word=parameter({"Fn::ImportValue": export}), Topic=topic()))
    assert player.update(importer, template(Topic=topic())) == "UPDATE_COMPLETE"
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_an_importer_that_fails_to_let_go_holds_it_still(player: Player) -> None:
    export = unique("export")
    stack = player.create(exporting(export))
    importer = player.create(template(Word=parameter({"Fn::ImportValue": export}), Topic=topic("old")))
    player.fault(resource="Topic", step="update", fail="no")
    assert player.update(importer, template(Topic=topic("new"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.delete(stack) == "DELETE_FAILED"


def test_a_name_is_exported_once(player: Player) -> None:
    export, first = unique("export"), unique("first")
    player.create(exporting(export), name=first)
    second = player.create(exporting(export))
    assert player.stack(second)["StackStatus"] == "ROLLBACK_COMPLETE"
    said = f"Export with name {export} is already exported by stack {first}. Rename the export and try again"
    assert player.reason(second, "ROLLBACK_IN_PROGRESS").startswith(said)


def test_an_export_of_a_nested_stack_holds_the_whole_tree(player: Player) -> None:
    export = unique("export")
    stack = player.create(template(Child=stack_of(player.upload(exporting(export)))))
    importer = player.create(template(Word=parameter({"Fn::ImportValue": export})))
    assert player.delete(stack) == "DELETE_FAILED"
    player.delete(importer)
    assert player.delete(stack) == "DELETE_COMPLETE"
    assert export not in {each["Name"] for each in player.cfn.list_exports()["Exports"]}
