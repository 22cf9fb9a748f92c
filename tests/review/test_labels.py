"""Real, conditional or noise."""

from __future__ import annotations

from dataclasses import replace

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, ChangeSet, Detail
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Label, Review, review
from oaktree_cfn.template.tree import Tree

QUEUE = "AWS::SQS::Queue"
PARENT = {"Resources": {"Child": {"Properties": {"Parameters": {"Id": {"Fn::GetAtt": ["Net", "Outputs.Id"]}}}}}}
TREE = Tree("parent", PARENT, {"Child": Tree("child", {"Resources": {}})})


def awaited(name: str = "QueueName") -> Detail:
    return Detail(
        "Properties",
        name,
        f"/Properties/{name}",
        "old",
        KNOWN_AFTER_APPLY,
        "Always",
        "Static",
        "ParameterReference",
        "Id",
        "Modify",
    )


def known(name: str = "QueueName", recreation: str = "Always") -> Detail:
    return Detail(
        "Properties",
        name,
        f"/Properties/{name}",
        "old",
        "new",
        recreation,
        "Static",
        "DirectModification",
        "",
        "Modify",
    )


def queue(*details: Detail, replacement: str = "True") -> Change:
    return Change(
        "Modify",
        "Queue",
        QUEUE,
        "id",
        replacement,
        details=details,
        before={"Properties": {}},
        after={"Properties": {}},
    )


def change_set(*inside: Change) -> ChangeSet:
    child = ChangeSet("child", "c", "s2", "child", "CREATE_COMPLETE", changes=inside)
    parent = Change(
        "Modify",
        "Child",
        "AWS::CloudFormation::Stack",
        "s2",
        "False",
        before={},
        after={},
        nested=child,
        nested_id="child",
    )
    return ChangeSet("root", "c", "s1", "root", "CREATE_COMPLETE", changes=(parent,))


def labelled(said: ChangeSet, foretold: ChangeSet | None = None, tree: Tree | None = None) -> Review:
    return label(review(said), foretold, tree)


def test_a_replacement_that_rests_on_an_awaited_parameter_is_conditional_without_templates() -> None:
    (entry,) = labelled(change_set(queue(awaited()))).entries
    assert (entry.label, entry.why) == (Label.CONDITIONAL, "hangs on Id")


def test_a_replacement_by_a_known_value_is_real() -> None:
    (entry,) = labelled(change_set(queue(known(), awaited("FifoQueue")))).entries
    assert entry.label is Label.REAL


def test_what_the_forecast_does_not_know_of_is_noise_and_says_what_feeds_it() -> None:
    (entry,) = labelled(change_set(queue(awaited())), change_set(), TREE).entries
    assert entry.label is Label.NOISE
    assert entry.why == "cannot change: QueueName counts as known after apply, but Id (Net.Outputs.Id) stays what it is"


def test_a_foretold_change_in_place_makes_the_replacement_noise() -> None:
    said = change_set(queue(awaited(), known("DelaySeconds", "Never")))
    (entry,) = labelled(said, change_set(queue(known("DelaySeconds", "Never"), replacement="False"))).entries
    assert entry.label is Label.NOISE
    assert entry.why.startswith("changes in place, no replacement")


def test_nothing_is_called_noise_while_a_replacement_is_open() -> None:
    table = Change("Modify", "Table", "AWS::DynamoDB::Table", "t", "Conditional", before={}, after={})
    foretold = replace(change_set(), changes=(*change_set().changes, table))
    (entry,) = labelled(change_set(queue(awaited())), foretold).entries
    assert (entry.label, entry.why) == (Label.CONDITIONAL, "hangs on whether Table is replaced")


def test_a_foretold_replacement_is_real() -> None:
    (entry,) = labelled(change_set(queue(awaited())), change_set(queue(awaited()))).entries
    assert entry.label is Label.REAL


def test_a_removal_is_always_real() -> None:
    (entry,) = labelled(
        change_set(Change("Remove", "Queue", QUEUE, "id", policy_action="Delete")), change_set()
    ).entries
    assert entry.label is Label.REAL


def test_a_consequence_of_noise_is_only_a_note_that_says_so() -> None:
    found = Consequence("data", "Child/Queue", Severity.REFUSE, "the queue would be replaced")
    calm = label(replace(review(change_set(queue(awaited()))), consequences=(found,)), change_set(), TREE).consequences[
        0
    ]
    assert calm.severity is Severity.NOTE
    assert calm.details[0].startswith("noise: cannot change")


def test_what_was_foretold_but_not_said_is_a_remark() -> None:
    found = labelled(change_set(), change_set(queue(known())))
    assert found.remarks == ("Child/Queue: foretold to be replaced, but CloudFormation does not list it",)


def test_a_value_that_cloudformation_tells_has_moved_whatever_the_templates_say() -> None:
    """A parameter that SSM gives: the templates are the same, and its value is not."""
    made = review(change_set(queue(known())))
    (entry,) = label(made, change_set(), TREE).entries
    assert (entry.label, entry.why) == (Label.REAL, "")
