"""Samples of clusters, task definitions, services and load balancers."""

from __future__ import annotations

from typing import Any

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life


def cluster(ground: Ground) -> Life:
    spot = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}]
    return life(
        {
            "ClusterName": f"oaktree-{ground.number()}-cluster",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "DEFAULT", "KmsKeyId": "alias/exec"}},
            "ServiceConnectDefaults": {"Namespace": "oaktree.local"},
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1, "Base": 2}],
            "Tags": TAGS,
        },
        {
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}},
            "DefaultCapacityProviderStrategy": spot,
            "Tags": OTHER_TAGS,
        },
        {"ClusterSettings": None, "Configuration": None, "ServiceConnectDefaults": None},
    )


def cluster_of(ground: Ground) -> str:
    return ground.make("AWS::ECS::Cluster", ClusterName=f"cluster-{ground.number()}").physical_id


def capacity_providers(ground: Ground) -> Life:
    first = [{"CapacityProvider": "FARGATE", "Weight": 1, "Base": 1}]
    second = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 4, "Base": 0}]
    return life(
        {
            "Cluster": cluster_of(ground),
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": first,
        },
        {"CapacityProviders": ["FARGATE_SPOT"], "DefaultCapacityProviderStrategy": second},
    )


def namespace(ground: Ground) -> Life:
    return life(
        {"Name": f"oaktree-{ground.number()}", "Description": "of the shop", "Tags": TAGS},
        {"Description": "of the whole shop", "Tags": OTHER_TAGS},
        {"Description": None},
    )


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def application() -> dict[str, Any]:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:key"
    return {
        "Name": "app",
        "Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/oaktree:1",
        "Command": ["node", "server.js"],
        "Cpu": 128,
        "CredentialSpecs": ["credentialspec:arn:aws:s3:::bucket/spec"],
        "DependsOn": [{"ContainerName": "log", "Condition": "START"}],
        "DisableNetworking": False,
        "DnsSearchDomains": ["oaktree.local"],
        "DnsServers": ["10.0.0.2"],
        "DockerLabels": {"team.owner": "platform", "Tier": "web"},
        "DockerSecurityOptions": ["no-new-privileges"],
        "EntryPoint": ["/bin/sh"],
        "Environment": [{"Name": "PORT", "Value": "5000"}, {"Name": "NODE_ENV", "Value": "production"}],
        "EnvironmentFiles": [{"Type": "s3", "Value": "arn:aws:s3:::bucket/app.env"}],
        "Essential": True,
        "ExtraHosts": [{"Hostname": "db", "IpAddress": "10.0.0.9"}],
        "HealthCheck": {"Command": ["CMD", "true"], "Interval": 10, "Retries": 3, "StartPeriod": 5, "Timeout": 4},
        "Hostname": "app",
        "Interactive": True,
        "Links": ["log"],
        "LinuxParameters": {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}, "SharedMemorySize": 64},
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {"awslogs-group": "/ecs/oaktree", "awslogs-stream-prefix": "ecs", "mode": "non-blocking"},
            "SecretOptions": [{"Name": "token", "ValueFrom": secret}],
        },
        "Memory": 256,
        "MemoryReservation": 128,
        "MountPoints": [{"ContainerPath": "/data", "ReadOnly": True, "SourceVolume": "data"}],
        "PortMappings": [
            {"ContainerPort": 5000, "HostPort": 5000, "Protocol": "tcp", "Name": "web", "AppProtocol": "http"}
        ],
        "Privileged": False,
        "PseudoTerminal": True,
        "ReadonlyRootFilesystem": True,
        "RepositoryCredentials": {"CredentialsParameter": secret},
        "ResourceRequirements": [{"Type": "GPU", "Value": "1"}],
        "RestartPolicy": {"Enabled": True, "IgnoredExitCodes": [0], "RestartAttemptPeriod": 60},
        "Secrets": [{"Name": "KEY", "ValueFrom": secret}],
        "StartTimeout": 60,
        "StopTimeout": 30,
        "SystemControls": [{"Namespace": "net.core.somaxconn", "Value": "1024"}],
        "Ulimits": [{"Name": "nofile", "SoftLimit": 1024, "HardLimit": 4096}],
        "User": "1000",
        "VersionConsistency": "enabled",
        "VolumesFrom": [{"SourceContainer": "log", "ReadOnly": True}],
        "WorkingDirectory": "/app",
    }


def task_definition(ground: Ground) -> Life:
    router = {"Name": "log", "Image": "fluent-bit", "Memory": 64, "FirelensConfiguration": {"Type": "fluentbit"}}
    return life(
        {
            "Family": f"oaktree-{ground.number()}-task",
            "ContainerDefinitions": [application(), router],
            "Cpu": "256",
            "Memory": "512",
            "EnableFaultInjection": True,
            "EphemeralStorage": {"SizeInGiB": 30},
            "ExecutionRoleArn": role_arn("execution"),
            "TaskRoleArn": role_arn("task"),
            "NetworkMode": "awsvpc",
            "PidMode": "task",
            "ProxyConfiguration": {
                "ContainerName": "envoy",
                "ProxyConfigurationProperties": [{"Name": "AppPorts", "Value": "5000"}],
                "Type": "APPMESH",
            },
            "RequiresCompatibilities": ["FARGATE"],
            "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
            "Volumes": [
                {
                    "Name": "data",
                    "EFSVolumeConfiguration": {
                        "FilesystemId": "fs-1234",
                        "RootDirectory": "/data",
                        "TransitEncryption": "ENABLED",
                        "TransitEncryptionPort": 2999,
                        "AuthorizationConfig": {"AccessPointId": "fsap-1", "IAM": "ENABLED"},
                    },
                },
                {"Name": "block", "ConfiguredAtLaunch": True},
            ],
            "Tags": TAGS,
        },
        {"Tags": OTHER_TAGS},
    )


def task_definition_on_instances(ground: Ground) -> Life:
    driver = {"Driver": "local", "Scope": "shared", "Autoprovision": True, "DriverOpts": {"Type": "nfs"}}
    return life(
        {
            "ContainerDefinitions": [{"Name": "app", "Image": "app", "Memory": 64}],
            "IpcMode": "host",
            "NetworkMode": "host",
            "PlacementConstraints": [{"Type": "memberOf", "Expression": "attribute:ecs.os-type == linux"}],
            "RequiresCompatibilities": ["EC2"],
            "Volumes": [
                {"Name": "logs", "Host": {"SourcePath": "/var/log"}},
                {"Name": "shared", "DockerVolumeConfiguration": {**driver, "Labels": {"Team": "web"}}},
            ],
        }
    )


def task_definition_of(ground: Ground) -> str:
    return ground.make(
        "AWS::ECS::TaskDefinition",
        Family="web",
        ContainerDefinitions=[{"Name": "app", "Image": "app", "Memory": 64, "PortMappings": [{"ContainerPort": 5000}]}],
        RequiresCompatibilities=["FARGATE"],
    ).physical_id


def target_group_of(ground: Ground) -> str:
    place = {"Port": 5000, "Protocol": "HTTP", "VpcId": ground.vpc, "TargetType": "ip"}
    return ground.make("AWS::ElasticLoadBalancingV2::TargetGroup", **place).physical_id


def load_balancer_of(ground: Ground) -> str:
    return ground.make("AWS::ElasticLoadBalancingV2::LoadBalancer", Subnets=ground.subnets[:2]).physical_id


def listener_of(ground: Ground, target_group: str) -> str:
    return ground.make(
        "AWS::ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=load_balancer_of(ground),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
    ).physical_id


def service(ground: Ground) -> Life:
    groups = [target_group_of(ground) for _ in range(2)]
    for group in groups:
        listener_of(ground, group)
    tasks = [task_definition_of(ground) for _ in range(2)]
    network = {"SecurityGroups": [ground.new_group()], "Subnets": ground.subnets[:2], "AssignPublicIp": "ENABLED"}
    breaker = {"Enable": True, "Rollback": True}
    registry = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:service/srv-1"
    return life(
        {
            "ServiceName": f"oaktree-{ground.number()}-service",
            "Cluster": cluster_of(ground),
            "TaskDefinition": tasks[0],
            "DesiredCount": 2,
            "LaunchType": "FARGATE",
            "PlatformVersion": "1.4.0",
            "SchedulingStrategy": "REPLICA",
            "AvailabilityZoneRebalancing": "ENABLED",
            "DeploymentController": {"Type": "ECS"},
            "DeploymentConfiguration": {
                "MaximumPercent": 200,
                "MinimumHealthyPercent": 50,
                "DeploymentCircuitBreaker": breaker,
                "Alarms": {"AlarmNames": ["errors"], "Enable": True, "Rollback": True},
            },
            "EnableECSManagedTags": True,
            "EnableExecuteCommand": True,
            "ForceNewDeployment": {"EnableForceNewDeployment": True, "ForceNewDeploymentNonce": "1"},
            "HealthCheckGracePeriodSeconds": 60,
            "LoadBalancers": [{"ContainerName": "app", "ContainerPort": 5000, "TargetGroupArn": groups[0]}],
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
            "PropagateTags": "SERVICE",
            "ServiceConnectConfiguration": {"Enabled": True, "Namespace": "oaktree.local"},
            "ServiceRegistries": [{"RegistryArn": registry, "ContainerName": "app", "ContainerPort": 5000}],
            "VolumeConfigurations": [
                {"Name": "block", "ManagedEBSVolume": {"RoleArn": role_arn("ebs"), "SizeInGiB": 10}}
            ],
            "Tags": TAGS,
        },
        {
            "TaskDefinition": tasks[1],
            "DesiredCount": 3,
            "PlatformVersion": "LATEST",
            "DeploymentConfiguration": {"MaximumPercent": 150, "MinimumHealthyPercent": 100},
            "ForceNewDeployment": {"EnableForceNewDeployment": True, "ForceNewDeploymentNonce": "2"},
            "HealthCheckGracePeriodSeconds": None,
            "EnableExecuteCommand": False,
            "LoadBalancers": [{"ContainerName": "app", "ContainerPort": 5000, "TargetGroupArn": groups[1]}],
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ground.subnets[1:]}},
            "ServiceRegistries": None,
            "Tags": OTHER_TAGS,
        },
    )


def service_on_instances(ground: Ground) -> Life:
    return life(
        {
            "Cluster": cluster_of(ground),
            "TaskDefinition": task_definition_of(ground),
            "CapacityProviderStrategy": [{"CapacityProvider": "spot", "Weight": 1, "Base": 0}],
            "PlacementConstraints": [{"Type": "distinctInstance"}],
            "PlacementStrategies": [{"Type": "spread", "Field": "attribute:ecs.availability-zone"}],
            "Role": role_arn("ecs"),
        },
        {
            "PlacementStrategies": [{"Type": "binpack", "Field": "memory"}],
            "PlacementConstraints": None,
            "CapacityProviderStrategy": [{"CapacityProvider": "on-demand", "Weight": 1, "Base": 0}],
        },
    )


def log_bucket_of(ground: Ground, path: str = f"AWSLogs/{ACCOUNT}/*", **more: Any) -> str:
    """A bucket that load balancers may write their logs to, below this path."""
    bucket = ground.make("AWS::S3::Bucket").physical_id
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/{path}",
    }
    policy = {"Version": "2012-10-17", "Statement": [{**statement, **more}]}
    ground.make("AWS::S3::BucketPolicy", Bucket=bucket, PolicyDocument=policy)
    return bucket


def load_balancer(ground: Ground) -> Life:
    groups = [ground.new_group() for _ in range(2)]
    return life(
        {
            "Name": f"oaktree-{ground.number()}-alb",
            "Scheme": "internet-facing",
            "Type": "application",
            "IpAddressType": "ipv4",
            "SecurityGroups": groups[:1],
            "Subnets": ground.subnets[:2],
            "LoadBalancerAttributes": [
                {"Key": "deletion_protection.enabled", "Value": "true"},
                {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
                {"Key": "idle_timeout.timeout_seconds", "Value": "120"},
                {"Key": "access_logs.s3.enabled", "Value": "true"},
                {"Key": "access_logs.s3.bucket", "Value": log_bucket_of(ground)},
            ],
            "Tags": TAGS,
        },
        {
            "IpAddressType": "dualstack",
            "SecurityGroups": groups,
            "Subnets": ground.subnets,
            "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "90"}],
            "Tags": OTHER_TAGS,
        },
    )


def internal_load_balancer(ground: Ground) -> Life:
    mappings = [{"SubnetId": subnet} for subnet in ground.subnets]
    return life({"Scheme": "internal", "SubnetMappings": mappings[:2]}, {"SubnetMappings": mappings[1:]})


def target_group(ground: Ground) -> Life:
    return life(
        {
            "Name": f"oaktree-{ground.number()}",
            "Port": 5000,
            "Protocol": "HTTP",
            "ProtocolVersion": "HTTP1",
            "TargetType": "ip",
            "IpAddressType": "ipv4",
            "VpcId": ground.vpc,
            "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": 30,
            "HealthCheckPath": "/health",
            "HealthCheckPort": "5001",
            "HealthCheckProtocol": "HTTP",
            "HealthCheckTimeoutSeconds": 20,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3,
            "Matcher": {"HttpCode": "200-499"},
            "TargetGroupAttributes": [
                {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
                {"Key": "stickiness.enabled", "Value": "true"},
                {"Key": "stickiness.type", "Value": "lb_cookie"},
            ],
            "Targets": [{"Id": "10.7.200.9", "Port": 5000}, {"Id": "10.7.200.10", "Port": 5000}],
            "Tags": TAGS,
        },
        {
            "HealthCheckIntervalSeconds": 15,
            "HealthCheckPath": "/",
            "HealthCheckPort": None,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": None,
            "UnhealthyThresholdCount": 4,
            "Matcher": {"HttpCode": "200"},
            "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}],
            "Targets": [{"Id": "10.7.200.10", "Port": 5000}, {"Id": "10.7.200.11", "Port": 5001}],
            "Tags": OTHER_TAGS,
        },
    )


def certificate_of(ground: Ground) -> str:
    return str(ground.client("acm").request_certificate(DomainName="oaktree.example")["CertificateArn"])


def listener(ground: Ground) -> Life:
    groups = [target_group_of(ground) for _ in range(2)]
    certificates = [{"CertificateArn": certificate_of(ground)} for _ in range(2)]
    weighted = [{"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, (1, 3), strict=True)]
    stickiness = {"Enabled": True, "DurationSeconds": 60}
    return life(
        {
            "LoadBalancerArn": load_balancer_of(ground),
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "AlpnPolicy": ["HTTP2Preferred"],
            "Certificates": certificates[:1],
            "DefaultActions": [
                {
                    "Type": "authenticate-cognito",
                    "Order": 1,
                    "AuthenticateCognitoConfig": {
                        "UserPoolArn": "arn:aws:cognito-idp:x:1:userpool/p",
                        "UserPoolClientId": "client",
                        "UserPoolDomain": "domain",
                        "Scope": "openid",
                        "OnUnauthenticatedRequest": "authenticate",
                    },
                },
                {"Type": "forward", "Order": 2, "TargetGroupArn": groups[0]},
            ],
            "MutualAuthentication": {"Mode": "off"},
            "Tags": TAGS,
        },
        {
            "Port": 8443,
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Certificates": certificates[1:],
            "DefaultActions": [
                {
                    "Type": "forward",
                    "ForwardConfig": {"TargetGroups": weighted, "TargetGroupStickinessConfig": stickiness},
                }
            ],
            "Tags": OTHER_TAGS,
        },
    )


def plain_listener(ground: Ground) -> Life:
    answer = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "nothing here"}
    https = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
    key = "tcp.idle_timeout.seconds"
    return life(
        {
            "LoadBalancerArn": load_balancer_of(ground),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": answer}],
            "ListenerAttributes": [{"Key": key, "Value": "100"}],
        },
        {
            "DefaultActions": [{"Type": "redirect", "RedirectConfig": {**https, "StatusCode": "HTTP_301"}}],
            "ListenerAttributes": [{"Key": key, "Value": "200"}],
        },
    )


def rule(ground: Ground) -> Life:
    group = target_group_of(ground)
    answer = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "ok"}
    return life(
        {
            "ListenerArn": listener_of(ground, group),
            "Priority": 10,
            "Actions": [{"Type": "forward", "Order": 1, "TargetGroupArn": group}],
            "Conditions": [
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}},
                {"Field": "host-header", "HostHeaderConfig": {"Values": ["oaktree.example"]}},
                {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
            ],
            "Tags": TAGS,
        },
        {
            "Priority": 20,
            "Actions": [{"Type": "fixed-response", "FixedResponseConfig": answer}],
            "Conditions": [
                {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Version", "Values": ["2"]}},
                {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
                {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
            ],
            "Tags": OTHER_TAGS,
        },
    )


def old_style_rule(ground: Ground) -> Life:
    group = target_group_of(ground)
    pool = {"UserPoolArn": "arn:aws:cognito-idp:x:1:userpool/p", "UserPoolClientId": "c", "UserPoolDomain": "d"}
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", "Host": "new.example"}}
    weighted = {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}]}}
    return life(
        {
            "ListenerArn": listener_of(ground, group),
            "Priority": 1,
            "Actions": [redirect],
            "Conditions": [{"Field": "path-pattern", "Values": ["/old/*"]}],
        },
        {"Actions": [{"Type": "authenticate-cognito", "AuthenticateCognitoConfig": pool}, weighted]},
    )


def more_certificates(ground: Ground) -> Life:
    first, *others = [{"CertificateArn": certificate_of(ground)} for _ in range(4)]
    listener_arn = ground.make(
        "AWS::ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=load_balancer_of(ground),
        Port=443,
        Protocol="HTTPS",
        Certificates=[first],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group_of(ground)}],
    ).physical_id
    return life({"ListenerArn": listener_arn, "Certificates": others[:2]}, {"Certificates": others[1:]})


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::ECS::Cluster", cluster),
    ("AWS::ECS::ClusterCapacityProviderAssociations", capacity_providers),
    ("AWS::ServiceDiscovery::HttpNamespace", namespace),
    ("AWS::ECS::TaskDefinition", task_definition),
    ("AWS::ECS::TaskDefinition", task_definition_on_instances),
    ("AWS::ECS::Service", service),
    ("AWS::ECS::Service", service_on_instances),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", load_balancer),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", internal_load_balancer),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", target_group),
    ("AWS::ElasticLoadBalancingV2::Listener", listener),
    ("AWS::ElasticLoadBalancingV2::Listener", plain_listener),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", rule),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", old_style_rule),
    ("AWS::ElasticLoadBalancingV2::ListenerCertificate", more_certificates),
]
