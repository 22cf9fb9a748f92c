"""Nested stacks within an operation of their root."""

from __future__ import annotations

from .player import Player, Template, parameter, stack_of, template, topic, unique


def test_a_nested_stack_keeps_what_it_replaced_until_its_root_is_done(player: Player) -> None:
    def body(name: str) -> Template:
        inner = player.upload(template(Inner=parameter("x", name=name)))
        return template(Child=stack_of(inner), Later=topic(name, DependsOn="Child"))

    old, new = f"/{unique('p')}", f"/{unique('p')}"
    stack = player.create(body(old))
    player.fault(resource="Later", step="update", fail="no")
    assert player.update(stack, body(new)) == "UPDATE_ROLLBACK_COMPLETE"
    assert (player.value(old), player.value(new)) == ("x", None)
    assert player.update(stack, body(new)) == "UPDATE_COMPLETE"
    assert (player.value(old), player.value(new)) == (None, "x")


def test_an_import_inside_a_nested_stack_is_found(player: Player) -> None:
    export = unique("export")

    def exporting(value: str) -> Template:
        return template({"Outputs": {"O": {"Value": value, "Export": {"Name": export}}}}, Topic=topic())

    inner = player.upload(template(Inner=parameter({"Fn::ImportValue": export})))
    player.create(exporting("one"))
    body = template(Child=stack_of(inner))
    stack = player.create(body)
    assert player.value(player.ids(player.ids(stack)["Child"])["Inner"]) == "one"
    assert player.described(player.change_set(stack, body))["Status"] == "FAILED"
