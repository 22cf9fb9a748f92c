"""Resources as plain data: the same as troposphere's own, for everything that this library makes."""

from __future__ import annotations

import pytest
from troposphere import GetAtt, Join, Ref, Tags
from troposphere.cloudformation import WaitConditionHandle
from troposphere.sqs import Queue, RedrivePolicy

from oaktree_cfn.blueprints import catalogue
from oaktree_cfn.macros.plain import plain


@pytest.mark.parametrize("name", catalogue())
def test_every_resource_and_output_of_ours_is_as_troposphere_writes_it(name: str) -> None:
    template = catalogue()[name].compose()
    for part in (*template.resources.values(), *template.outputs.values(), *template.parameters.values()):
        assert plain(part) == part.to_dict()


def test_what_has_no_properties_says_its_type_only() -> None:
    assert plain(WaitConditionHandle("Handle")) == {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def test_nested_functions_lists_and_tags_are_data_all_the_way_down() -> None:
    queue = Queue("Jobs", QueueName=Join("-", [Ref("Prefix"), "jobs"]), Tags=Tags(of=GetAtt("Web", "Name")))
    assert plain(queue) == queue.to_dict()
    assert plain((Ref("A"), [GetAtt("B", "C")])) == [{"Ref": "A"}, [{"Fn::GetAtt": ["B", "C"]}]]


def test_a_property_that_is_missing_is_told() -> None:
    from troposphere.sns import Subscription

    with pytest.raises(ValueError, match="Protocol is missing in Subscription"):
        plain(Subscription(Endpoint="x"))
    with pytest.raises(ValueError, match="Protocol required"):
        Subscription(Endpoint="x").to_dict()
    assert plain(Queue("Jobs", RedrivePolicy=RedrivePolicy(maxReceiveCount=3)))["Properties"] == {
        "RedrivePolicy": {"maxReceiveCount": 3}
    }
