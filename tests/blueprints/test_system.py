"""Blueprints become a system: wires between siblings, questions asked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template
from troposphere.s3 import Bucket

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.blueprints._described import Described
from oaktree_cfn.blueprints._system import System
from oaktree_cfn.blueprints.alb import Alb
from oaktree_cfn.blueprints.cluster import Cluster
from oaktree_cfn.blueprints.ecr import Ecr
from oaktree_cfn.blueprints.monitoring import Monitoring
from oaktree_cfn.blueprints.network import Network
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.traffic import Route
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.worker import Worker


def service(name: str, **more: Any) -> Described:
    return Described(WebService(image=f"registry/{name}:1", port=8080, **more), name)


def system(**children: Any) -> dict[str, Any]:
    base = {"Network": Network(), "Cluster": Cluster(), "Alb": Alb()}
    template: dict[str, Any] = System("A system.", base | children).compose().to_dict()
    return template


def test_a_wire_is_answered_by_the_sibling_that_has_an_output_of_that_name() -> None:
    api = system(Api=service("api", route=Route(priority=10, paths=("/api/*",))))["Resources"]["Api"]["Properties"]
    assert api["TemplateURL"] == "./api.yaml"
    assert api["Parameters"]["ListenerArn"] == {"Fn::GetAtt": ["Alb", "Outputs.ListenerArn"]}
    assert api["Parameters"]["ClusterName"] == {"Fn::GetAtt": ["Cluster", "Outputs.ClusterName"]}
    assert api["Parameters"]["VpcId"] == {"Fn::GetAtt": ["Network", "Outputs.VpcId"]}


def test_a_wire_that_no_sibling_answers_is_asked_of_the_person() -> None:
    template = System("One service.", {"Jobs": Described(Worker(image="registry/jobs:1"), "jobs")}).compose().to_dict()
    assert "ClusterName" in template["Parameters"]
    assert template["Resources"]["Jobs"]["Properties"]["Parameters"]["ClusterName"] == {"Ref": "ClusterName"}


def test_services_have_sizes_of_their_own_and_share_what_holds_for_all() -> None:
    template = system(
        Api=service("api", route=Route(priority=10, paths=("/api/*",))),
        Shop=service("shop", route=Route(priority=20, hosts=("shop.example.com",)), cpu=512, memory=1024),
    )
    assert template["Parameters"]["ApiCpu"]["Default"] == "256"
    assert template["Parameters"]["ShopCpu"]["Default"] == "512"
    assert "ExecuteCommand" in template["Parameters"]
    assert "ApiExecuteCommand" not in template["Parameters"]


def test_two_services_with_one_priority_are_refused() -> None:
    one, other = (service(name, route=Route(priority=10, paths=(f"/{name}",))) for name in ("api", "shop"))
    with pytest.raises(ValueError, match=r"Shop\.route\.priority: Api has 10 at the same listener already"):
        system(Api=one, Shop=other)


def test_what_nobody_has_cannot_be_exported() -> None:
    with pytest.raises(ValueError, match="no child has an output Moon"):
        System("Nothing.", {"Ecr": Ecr()}, ("Moon",)).compose()


def test_two_children_that_declare_a_parameter_differently_are_refused() -> None:
    @dataclass(frozen=True)
    class Other:
        """Other."""

        def compose(self) -> Template:
            template = Ecr().compose()
            template.parameters["Prefix"].Description = "Something else."
            return template

    with pytest.raises(ValueError, match="Other declares the parameter Prefix differently"):
        System("Two.", {"Ecr": Ecr(), "Other": Other()}).compose()


@dataclass(frozen=True)
class Uploads:
    """A bucket in plain troposphere: no groups, no labels, two parameters that are not declared as ours are."""

    def compose(self) -> Template:
        template = Template("A bucket.")
        template.add_parameter(Parameter("Prefix", Type="String"))
        template.add_parameter(Parameter("ClusterName", Type="String"))
        template.add_parameter(Parameter("Colour", Type="String", Default="green"))
        template.add_resource(Bucket("Bucket", BucketName=Sub("${Prefix}-${ClusterName}-${Colour}")))
        template.add_output(Output("UploadsArn", Value=GetAtt("Bucket", "Arn")))
        return template


def test_a_plain_template_is_wired_like_any_other() -> None:
    template = system(Uploads=Uploads())
    assert template["Resources"]["Uploads"]["Properties"]["Parameters"] == {
        "Prefix": {"Ref": "Prefix"},
        "ClusterName": {"Fn::GetAtt": ["Cluster", "Outputs.ClusterName"]},
        "Colour": {"Ref": "Colour"},
    }
    assert template["Parameters"]["Colour"]["Default"] == "green"


def test_a_service_may_refer_to_any_output_of_a_sibling() -> None:
    keeper = Worker(
        image="registry/keeper:1",
        environment={"UPLOADS": Ref("UploadsArn")},
        grants=(Grant("read", "bucket", Ref("UploadsArn")),),
    )
    template = system(Uploads=Uploads(), Keeper=Described(keeper, "keeper"))
    asked = template["Resources"]["Keeper"]["Properties"]["Parameters"]
    assert asked["UploadsArn"] == {"Fn::GetAtt": ["Uploads", "Outputs.UploadsArn"]}
    assert "UploadsArn" not in template["Parameters"]


def test_an_output_that_two_have_is_meant_by_the_stacks_name() -> None:
    def works(name: str, **more: Any) -> Described:
        return Described(Worker(image=f"registry/{name}:1", **more), name)

    api = service("api", route=Route(priority=10, paths=("/*",)), environment={"QUEUE": Ref("MailQueueUrl")})
    template = system(Jobs=works("jobs"), Mail=works("mail"), Api=api)
    wired = template["Resources"]["Api"]["Properties"]["Parameters"]["MailQueueUrl"]
    assert wired == {"Fn::GetAtt": ["Mail", "Outputs.QueueUrl"]}


def test_exports_of_two_that_have_the_same_output_carry_the_stacks_name() -> None:
    workers = {title: Described(Worker(image="registry/x:1"), title.lower()) for title in ("Jobs", "Mail")}
    outputs = System("Two.", workers, ("JobsQueueUrl", "MailQueueUrl")).compose().to_dict()["Outputs"]
    assert outputs["MailQueueUrl"]["Value"] == {"Fn::GetAtt": ["Mail", "Outputs.QueueUrl"]}
    assert outputs["MailQueueUrl"]["Export"] == {"Name": {"Fn::Sub": "${Prefix}-MailQueueUrl"}}


def test_a_system_asks_for_nothing_that_no_part_needs() -> None:
    assert set(System("One.", {"Ecr": Ecr()}).compose().to_dict()["Parameters"]) == {
        "Prefix",
        *Ecr().compose().parameters,
    }


def test_without_a_load_balancer_nobody_asks_for_a_certificate() -> None:
    template = System("A network.", {"Network": Network()}).compose().to_dict()
    assert template["Resources"]["Network"]["Properties"]["Parameters"]["Https"] == "false"
    assert "Conditions" not in template


def test_an_output_without_a_description_can_be_exported() -> None:
    outputs = System("Plain.", {"Uploads": Uploads()}, ("UploadsArn",)).compose().to_dict()["Outputs"]
    assert outputs["UploadsArn"]["Description"] == "UploadsArn of Uploads."


def test_what_is_wrong_with_a_part_is_told_under_its_logical_id() -> None:
    with pytest.raises(InvalidInput, match=r"^Api: WebService\.port: 0 is not a whole number from 1 to 65535$"):
        system(Api=Described(WebService(image="x", port=0), "api"))


def test_a_child_may_be_left_out_and_its_siblings_do_without_it() -> None:
    children = {"Network": Network(), "Cluster": Cluster(), "Alb": Alb(), "Monitoring": Monitoring()}
    switch = form.switch("Watched", "Whether it is watched.", default=True)
    jobs = Described(Worker(image="registry/jobs:1"), "jobs")
    parts = System("A system.", {**children, "Jobs": jobs}, ("AlarmTopicArn",), {"Monitoring": switch})
    template = parts.compose().to_dict()
    assert template["Parameters"]["Watched"]["Default"] == "true"
    assert template["Conditions"]["HasMonitoring"] == {"Fn::Equals": [{"Ref": "Watched"}, "true"]}
    assert template["Resources"]["Monitoring"]["Condition"] == "HasMonitoring"
    assert template["Outputs"]["AlarmTopicArn"]["Condition"] == "HasMonitoring"
    told = {"Fn::GetAtt": ["Monitoring", "Outputs.RollbackAlarmNames"]}
    given = template["Resources"]["Jobs"]["Properties"]["Parameters"]
    assert given["RollbackAlarmNames"] == {"Fn::If": ["HasMonitoring", told, ""]}
