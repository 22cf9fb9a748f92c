"""A shop, as small as one can be that is still deployed in two ways: its infrastructure, and its image.

A network of one subnet, a cluster, and a service of ECS whose tasks run whatever image was shipped last; without one it has no tasks.
"""

from typing import Any

from troposphere import Equals, If, Not, Parameter, Ref, Sub, Template, ec2, ecs, iam

from oaktree_cfn.compose import Ecr, System, image_of


class Web:
    """The service, and the ground it stands on."""

    def compose(self) -> Template:
        """The template."""
        template = Template("The shop's service, and the ground it stands on.")
        for name in ("Prefix", "RepositoryUrl", "RepositoryArn"):
            template.add_parameter(Parameter(name, Type="String"))
        template.add_parameter(Parameter("ImageTag", Type="String", Default=""))
        template.add_parameter(Parameter("Memory", Type="Number", Default=512))
        template.add_condition("HasImage", Not(Equals(Ref("ImageTag"), "")))
        for resource in (*_network(), *_rights(), ecs.Cluster("Cluster", ClusterName=Sub("${Prefix}-cluster"))):
            template.add_resource(resource)
        template.add_resource(_task())
        template.add_resource(_service())
        return template


def _network() -> list[Any]:
    gateway = ec2.VPCGatewayAttachment("Attachment", VpcId=Ref("Vpc"), InternetGatewayId=Ref("Gateway"))
    out = {"RouteTableId": Ref("Routes"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": Ref("Gateway")}
    return [
        ec2.VPC("Vpc", CidrBlock="10.9.0.0/24"),
        ec2.InternetGateway("Gateway"),
        gateway,
        ec2.Subnet("Subnet", VpcId=Ref("Vpc"), CidrBlock="10.9.0.0/26"),
        ec2.RouteTable("Routes", VpcId=Ref("Vpc")),
        ec2.Route("WayOut", DependsOn="Attachment", **out),
        ec2.SubnetRouteTableAssociation("Association", SubnetId=Ref("Subnet"), RouteTableId=Ref("Routes")),
        ec2.SecurityGroup("Tasks", GroupDescription="Tasks that nobody calls from outside", VpcId=Ref("Vpc")),
    ]


def _rights() -> list[Any]:
    ecs_tasks = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    allowed = [
        {"Effect": "Allow", "Action": pull, "Resource": Ref("RepositoryArn")},
        {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
    ]
    policy = iam.Policy(PolicyName="pull", PolicyDocument={"Version": "2012-10-17", "Statement": allowed})
    trust = {"Version": "2012-10-17", "Statement": [ecs_tasks]}
    return [iam.Role("Execution", AssumeRolePolicyDocument=trust, Policies=[policy])]


def _task() -> ecs.TaskDefinition:
    container = ecs.ContainerDefinition(Name="shop", Image=image_of(Ref("RepositoryUrl"), Ref("ImageTag")))
    return ecs.TaskDefinition(
        "Task",
        Family=Sub("${Prefix}-task"),
        Cpu="256",
        Memory=Ref("Memory"),
        NetworkMode="awsvpc",
        RequiresCompatibilities=["FARGATE"],
        ExecutionRoleArn=Sub("${Execution.Arn}"),
        RuntimePlatform=ecs.RuntimePlatform(CpuArchitecture="ARM64", OperatingSystemFamily="LINUX"),
        ContainerDefinitions=[container],
    )


def _service() -> ecs.Service:
    breaker = ecs.DeploymentCircuitBreaker(Enable=True, Rollback=True)
    where = ecs.AwsvpcConfiguration(Subnets=[Ref("Subnet")], SecurityGroups=[Ref("Tasks")], AssignPublicIp="ENABLED")
    return ecs.Service(
        "Service",
        ServiceName=Sub("${Prefix}-service"),
        Cluster=Ref("Cluster"),
        TaskDefinition=Ref("Task"),
        LaunchType="FARGATE",
        DesiredCount=If("HasImage", 1, 0),
        DeploymentConfiguration=ecs.DeploymentConfiguration(DeploymentCircuitBreaker=breaker),
        NetworkConfiguration=ecs.NetworkConfiguration(AwsvpcConfiguration=where),
    )


root = System("The shop.", {"Ecr": Ecr(), "Web": Web()}, exports=("RepositoryUrl",))
