"""Samples of topics, queues, parameters, buckets, secrets, keys, rules, alarms and schedules."""

from __future__ import annotations

from typing import Any

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life
from .samples_of_containers import cluster_of, task_definition_of


def statement(action: str, resource: str) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    return {"Version": "2012-10-17", "Statement": [{"Sid": "one", **allowed, "Action": action, "Resource": resource}]}


def topic(ground: Ground) -> Life:
    return life(
        {
            "TopicName": f"alarms-{ground.number()}",
            "DisplayName": "Alarms",
            "KmsMasterKeyId": "alias/aws/sns",
            "SignatureVersion": "2",
            "TracingConfig": "Active",
            "Subscription": [
                {"Protocol": "email", "Endpoint": "team@oaktree.example"},
                {"Protocol": "https", "Endpoint": "https://oaktree.example/hook"},
            ],
            "Tags": TAGS,
        },
        {
            "DisplayName": None,
            "KmsMasterKeyId": None,
            "SignatureVersion": "1",
            "Subscription": [
                {"Protocol": "https", "Endpoint": "https://oaktree.example/hook"},
                {"Protocol": "email", "Endpoint": "oncall@oaktree.example"},
            ],
            "Tags": OTHER_TAGS,
        },
    )


def ordered_topic(ground: Ground) -> Life:
    return life({"FifoTopic": True, "ContentBasedDeduplication": True}, {"ContentBasedDeduplication": False})


def parameter(ground: Ground) -> Life:
    expires = '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00Z"}}]'
    return life(
        {
            "Name": f"/oaktree/{ground.number()}/image",
            "Type": "String",
            "Value": "one",
            "AllowedPattern": "[a-z]+",
            "DataType": "text",
            "Description": "the image",
            "Policies": expires,
            "Tier": "Advanced",
            "Tags": {"project": "oaktree", "environment": "dev"},
        },
        {"Value": "two", "Description": "the next image", "Tags": {"environment": "prod", "owner": "platform"}},
        {"Description": None, "AllowedPattern": None},
    )


def unnamed_parameter(ground: Ground) -> Life:
    return life({"Type": "StringList", "Value": "a,b"}, {"Value": "a"})


def bucket(ground: Ground) -> Life:
    logs = ground.make("AWS::S3::Bucket").physical_id
    arn = f"arn:aws:s3:::{logs}/*"
    delivery = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [{**delivery, "Action": "s3:PutObject", "Resource": arn}]}
    ground.make("AWS::S3::BucketPolicy", Bucket=logs, PolicyDocument=policy)
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/templates"}
    everything = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return life(
        {
            "BucketName": f"oaktree-{ground.number()}-templates",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": key, "BucketKeyEnabled": True}]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "old",
                        "Status": "Enabled",
                        "Prefix": "old/",
                        "ExpirationInDays": 400,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
                        "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 60}],
                    },
                    {
                        "Id": "uploads",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        "ExpiredObjectDeleteMarker": True,
                    },
                    {
                        "Id": "tagged",
                        "Status": "Disabled",
                        "TagFilters": [{"Key": "keep", "Value": "no"}],
                        "ExpirationInDays": 1,
                    },
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": logs, "LogFilePrefix": "templates/"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": dict.fromkeys(everything, True),
            "VersioningConfiguration": {"Status": "Enabled"},
            "Tags": TAGS,
        },
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "LifecycleConfiguration": {
                "Rules": [{"Id": "all", "Status": "Enabled", "ExpirationInDays": 10}],
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
            "VersioningConfiguration": {"Status": "Suspended"},
            "Tags": OTHER_TAGS,
        },
        {
            "BucketEncryption": None,
            "LifecycleConfiguration": None,
            "LoggingConfiguration": None,
            "OwnershipControls": None,
            "PublicAccessBlockConfiguration": None,
            "Tags": None,
        },
    )


def bucket_policy(ground: Ground) -> Life:
    name = ground.make("AWS::S3::Bucket").physical_id
    arn = f"arn:aws:s3:::{name}/*"
    return life(
        {"Bucket": name, "PolicyDocument": statement("s3:GetObject", arn)},
        {"PolicyDocument": statement("s3:PutObject", arn)},
    )


def topic_of(ground: Ground) -> str:
    return ground.make("AWS::SNS::Topic").physical_id


def subscription(ground: Ground) -> Life:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    return life(
        {
            "TopicArn": topic_of(ground),
            "Protocol": "https",
            "Endpoint": "https://oaktree.example/hook",
            "DeliveryPolicy": {"healthyRetryPolicy": {"numRetries": 3}},
            "FilterPolicy": {"severity": ["high"]},
            "FilterPolicyScope": "MessageBody",
            "RawMessageDelivery": True,
            "RedrivePolicy": {"deadLetterTargetArn": queue},
            "SubscriptionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/firehose",
        },
        {"FilterPolicy": {"severity": ["low", "high"]}, "RawMessageDelivery": None, "DeliveryPolicy": None},
    )


def topic_policy(ground: Ground) -> Life:
    topics = [topic_of(ground) for _ in range(3)]
    return life(
        {"Topics": topics[:2], "PolicyDocument": statement("sns:Publish", topics[0])},
        {"Topics": topics[1:], "PolicyDocument": statement("sns:Publish", topics[1])},
    )


def queue(ground: Ground) -> Life:
    dead = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead-{ground.number()}"
    ground.client("sqs").create_queue(QueueName=dead.rsplit(":", 1)[1])
    return life(
        {
            "QueueName": f"jobs-{ground.number()}",
            "DelaySeconds": 5,
            "KmsDataKeyReusePeriodSeconds": 600,
            "KmsMasterKeyId": "alias/aws/sqs",
            "MaximumMessageSize": 1024,
            "MessageRetentionPeriod": 60,
            "ReceiveMessageWaitTimeSeconds": 20,
            "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
            "RedrivePolicy": {"deadLetterTargetArn": dead, "maxReceiveCount": 3},
            "SqsManagedSseEnabled": False,
            "VisibilityTimeout": 90,
            "Tags": TAGS,
        },
        {
            "DelaySeconds": None,
            "KmsDataKeyReusePeriodSeconds": None,
            "KmsMasterKeyId": None,
            "MaximumMessageSize": 2048,
            "RedrivePolicy": {"deadLetterTargetArn": dead, "maxReceiveCount": 5},
            "VisibilityTimeout": None,
            "Tags": OTHER_TAGS,
        },
    )


def ordered_queue(ground: Ground) -> Life:
    return life(
        {
            "FifoQueue": True,
            "ContentBasedDeduplication": True,
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        },
        {"ContentBasedDeduplication": False},
    )


def queue_policy(ground: Ground) -> Life:
    queues = [ground.make("AWS::SQS::Queue").physical_id for _ in range(3)]
    return life(
        {"Queues": queues[:2], "PolicyDocument": statement("sqs:SendMessage", "*")},
        {"Queues": queues[1:], "PolicyDocument": statement("sqs:ReceiveMessage", "*")},
    )


def secret(ground: Ground) -> Life:
    return life(
        {
            "Name": f"oaktree/{ground.number()}",
            "Description": "a key",
            "KmsKeyId": "alias/one",
            "SecretString": "hush",
            "Tags": TAGS,
        },
        {"Description": "another key", "KmsKeyId": "alias/two", "Tags": OTHER_TAGS},
        {"SecretString": "hush hush"},
    )


def generated_secret(ground: Ground) -> Life:
    wanted = {"SecretStringTemplate": '{"user": "app"}', "GenerateStringKey": "password", "PasswordLength": 20}
    return life({"GenerateSecretString": wanted}, {"Description": "generated"})


def key_policy(sid: str) -> dict[str, Any]:
    root = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    return {"Version": "2012-10-17", "Statement": [{**root, "Action": "kms:*", "Resource": "*"}]}


def key(ground: Ground) -> Life:
    return life(
        {
            "Description": "of the topic",
            "EnableKeyRotation": True,
            "Enabled": True,
            "KeyPolicy": key_policy("one"),
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": False,
            "Origin": "AWS_KMS",
            "PendingWindowInDays": 7,
            "RotationPeriodInDays": 180,
            "Tags": TAGS,
        },
        {
            "Description": "of all topics",
            "EnableKeyRotation": False,
            "KeyPolicy": key_policy("two"),
            "Tags": OTHER_TAGS,
        },
        {"Enabled": False, "Description": None},
    )


def alias(ground: Ground) -> Life:
    keys = [ground.make("AWS::KMS::Key").physical_id for _ in range(2)]
    name = f"alias/oaktree-{ground.number()}"
    return life({"AliasName": name, "TargetKeyId": keys[0]}, {"TargetKeyId": keys[1]})


def rule(ground: Ground) -> Life:
    topic_arn, role = topic_of(ground), f"arn:aws:iam::{ACCOUNT}:role/events"
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs.fifo"
    tasks = {
        "TaskDefinitionArn": "arn:aws:ecs:::task-definition/job:1",
        "TaskCount": 1,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsVpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}},
    }
    retry = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 120}
    notify = {
        "Id": "notify",
        "Arn": topic_arn,
        "InputTransformer": {"InputPathsMap": {"who": "$.detail.who"}, "InputTemplate": '"by <who>"'},
        "DeadLetterConfig": {"Arn": queue_arn},
        "RetryPolicy": retry,
    }
    others = [
        {"Id": "run", "Arn": "arn:aws:ecs:::cluster/c", "RoleArn": role, "EcsParameters": tasks, "Input": "{}"},
        {"Id": "queue", "Arn": queue_arn, "SqsParameters": {"MessageGroupId": "all"}, "InputPath": "$.detail"},
        {"Id": "job", "Arn": "arn:aws:batch:::q", "BatchParameters": {"JobDefinition": "d", "JobName": "n"}},
        {"Id": "api", "Arn": "arn:aws:execute-api:::a", "HttpParameters": {"HeaderParameters": {"X-Key": "1"}}},
    ]
    return life(
        {
            "Name": f"deployments-{ground.number()}",
            "Description": "failed deployments",
            "EventBusName": "default",
            "EventPattern": {"source": ["aws.ecs"], "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}},
            "RoleArn": role,
            "State": "ENABLED",
            "Targets": [notify, *others[:3]],
            "Tags": TAGS,
        },
        {
            "Description": None,
            "EventPattern": {"source": ["aws.ecs"]},
            "State": "DISABLED",
            "Targets": [{**notify, "RetryPolicy": {**retry, "MaximumRetryAttempts": 9}}, others[3]],
            "Tags": OTHER_TAGS,
        },
    )


def timed_rule(ground: Ground) -> Life:
    return life({"ScheduleExpression": "rate(5 minutes)"}, {"ScheduleExpression": "cron(0 12 * * ? *)"})


def rule_on_a_bus(ground: Ground) -> Life:
    bus = f"bus-{ground.number()}"
    ground.client("events").create_event_bus(Name=bus)
    target = {"Id": "one", "Arn": topic_of(ground)}
    return life({"EventBusName": bus, "EventPattern": {"source": ["oaktree"]}, "Targets": [target]})


def alarm(ground: Ground) -> Life:
    topics = [topic_of(ground) for _ in range(2)]
    return life(
        {
            "AlarmName": f"oaktree-{ground.number()}-errors",
            "AlarmDescription": "too many errors",
            "ActionsEnabled": True,
            "AlarmActions": topics[:1],
            "OKActions": topics[:1],
            "InsufficientDataActions": topics[1:],
            "ComparisonOperator": "GreaterThanThreshold",
            "DatapointsToAlarm": 2,
            "Dimensions": [{"Name": "LoadBalancer", "Value": "app/oaktree/1"}],
            "EvaluationPeriods": 3,
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Namespace": "AWS/ApplicationELB",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 5.0,
            "TreatMissingData": "notBreaching",
            "Unit": "Count",
            "Tags": TAGS,
        },
        {
            "AlarmDescription": None,
            "AlarmActions": topics,
            "Statistic": None,
            "ExtendedStatistic": "p99",
            "EvaluateLowSampleCountPercentile": "ignore",
            "Threshold": 1.5,
            "OKActions": None,
            "Tags": OTHER_TAGS,
        },
    )


def anomaly_alarm(ground: Ground) -> Life:
    metric = {"Namespace": "AWS/ECS", "MetricName": "CPU", "Dimensions": [{"Name": "Cluster", "Value": "c"}]}
    return life(
        {
            "ComparisonOperator": "GreaterThanUpperThreshold",
            "EvaluationPeriods": 1,
            "ThresholdMetricId": "band",
            "Metrics": [
                {"Id": "cpu", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}, "ReturnData": True},
                {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(cpu, 2)", "Label": "usual", "ReturnData": True},
            ],
        }
    )


def dashboard(ground: Ground) -> Life:
    return life(
        {"DashboardName": f"oaktree-{ground.number()}", "DashboardBody": '{"widgets": []}'},
        {"DashboardBody": '{"widgets": [], "start": "-PT1H"}'},
    )


def scaled_service(ground: Ground) -> str:
    cluster = cluster_of(ground)
    tasks = task_definition_of(ground)
    service = ground.make("AWS::ECS::Service", Cluster=cluster, TaskDefinition=tasks, DesiredCount=1)
    return f"service/{cluster}/{service.attributes['Name']}"


def scalable_target(ground: Ground) -> Life:
    night = {
        "ScheduledActionName": "night",
        "Schedule": "cron(0 20 * * ? *)",
        "Timezone": "Asia/Singapore",
        "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 1},
    }
    suspended = {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }
    return life(
        {
            "ResourceId": scaled_service(ground),
            "ScalableDimension": "ecs:service:DesiredCount",
            "ServiceNamespace": "ecs",
            "MinCapacity": 1,
            "MaxCapacity": 4,
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/scaling",
            "ScheduledActions": [night, {**night, "ScheduledActionName": "noon"}],
            "SuspendedState": suspended,
        },
        {
            "MinCapacity": 0,
            "MaxCapacity": 9,
            "ScheduledActions": [{**night, "Schedule": "cron(0 22 * * ? *)"}],
            "SuspendedState": {**suspended, "DynamicScalingInSuspended": False},
        },
        {"ScheduledActions": None, "SuspendedState": None},
    )


def target_of(ground: Ground) -> dict[str, Any]:
    place = {
        "ResourceId": scaled_service(ground),
        "ScalableDimension": "ecs:service:DesiredCount",
        "ServiceNamespace": "ecs",
    }
    ground.make("AWS::ApplicationAutoScaling::ScalableTarget", **place, MinCapacity=1, MaxCapacity=4)
    return place


def tracking_policy(ground: Ground) -> Life:
    tracking = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": 60.0,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
    }
    return life(
        {
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            **target_of(ground),
            "TargetTrackingScalingPolicyConfiguration": tracking,
        },
        {"TargetTrackingScalingPolicyConfiguration": {**tracking, "TargetValue": 40.0, "DisableScaleIn": True}},
    )


def scaled_table(ground: Ground) -> dict[str, Any]:
    """Where the reads of a provisioned index are scaled."""
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
    key = [{"AttributeName": "email", "KeyType": "HASH"}]
    index = {"IndexName": "by-email", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}, **units}
    table = ground.make(
        "AWS::DynamoDB::Table",
        AttributeDefinitions=[{"AttributeName": "email", "AttributeType": "S"}],
        KeySchema=key,
        GlobalSecondaryIndexes=[index],
        **units,
    )
    return {
        "ResourceId": f"table/{table.physical_id}/index/by-email",
        "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
        "ServiceNamespace": "dynamodb",
    }


def scalable_table(ground: Ground) -> Life:
    return life({**scaled_table(ground), "MinCapacity": 5, "MaxCapacity": 50}, {"MaxCapacity": 40})


def table_policy(ground: Ground) -> Life:
    place = scaled_table(ground)
    ground.make("AWS::ApplicationAutoScaling::ScalableTarget", **place, MinCapacity=5, MaxCapacity=50)
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}
    policy = {"PolicyName": "read-utilization", "PolicyType": "TargetTrackingScaling"}
    return life(
        {
            **policy,
            "ScalingTargetId": "|".join(place.values()),
            "TargetTrackingScalingPolicyConfiguration": {**metric, "TargetValue": 70.0},
        },
        {"TargetTrackingScalingPolicyConfiguration": {**metric, "TargetValue": 50.0}},
    )


def step_policy(ground: Ground) -> Life:
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "Cooldown": 60,
        "MetricAggregationType": "Average",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    return life(
        {
            "PolicyName": "steps",
            "PolicyType": "StepScaling",
            "ScalingTargetId": "|".join(target_of(ground).values()),
            "StepScalingPolicyConfiguration": steps,
        },
        {"StepScalingPolicyConfiguration": {**steps, "Cooldown": 120}},
    )


def schedule(ground: Ground) -> Life:
    group = ground.make("AWS::Scheduler::ScheduleGroup", Name=f"jobs-{ground.number()}").physical_id
    role = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
    target = {
        "Arn": topic_of(ground),
        "RoleArn": role,
        "Input": "{}",
        "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 1},
    }
    return life(
        {
            "Name": f"nightly-{ground.number()}",
            "Description": "at night",
            "EndDate": "2040-01-01T00:00:00.000Z",
            "StartDate": "2039-01-01T00:00:00.000Z",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10},
            "GroupName": group,
            "KmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1",
            "ScheduleExpression": "cron(0 2 * * ? *)",
            "ScheduleExpressionTimezone": "Asia/Singapore",
            "State": "DISABLED",
            "Target": target,
        },
        {
            "Description": "hourly",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "rate(1 hour)",
            "ScheduleExpressionTimezone": None,
            "State": None,
            "Target": {**target, "Input": '{"hourly": true}'},
        },
        {"GroupName": None},
    )


def schedule_group(ground: Ground) -> Life:
    return life({"Name": f"group-{ground.number()}", "Tags": TAGS}, {"Tags": OTHER_TAGS})


def wait_condition_handle(ground: Ground) -> Life:
    return life({})


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::SNS::Topic", topic),
    ("AWS::SNS::Topic", ordered_topic),
    ("AWS::SNS::Subscription", subscription),
    ("AWS::SNS::TopicPolicy", topic_policy),
    ("AWS::SSM::Parameter", parameter),
    ("AWS::SSM::Parameter", unnamed_parameter),
    ("AWS::S3::Bucket", bucket),
    ("AWS::S3::BucketPolicy", bucket_policy),
    ("AWS::SQS::Queue", queue),
    ("AWS::SQS::Queue", ordered_queue),
    ("AWS::SQS::QueuePolicy", queue_policy),
    ("AWS::SecretsManager::Secret", secret),
    ("AWS::SecretsManager::Secret", generated_secret),
    ("AWS::KMS::Key", key),
    ("AWS::KMS::Alias", alias),
    ("AWS::Events::Rule", rule),
    ("AWS::Events::Rule", timed_rule),
    ("AWS::Events::Rule", rule_on_a_bus),
    ("AWS::CloudWatch::Alarm", alarm),
    ("AWS::CloudWatch::Alarm", anomaly_alarm),
    ("AWS::CloudWatch::Dashboard", dashboard),
    ("AWS::ApplicationAutoScaling::ScalableTarget", scalable_target),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", tracking_policy),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", step_policy),
    ("AWS::ApplicationAutoScaling::ScalableTarget", scalable_table),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", table_policy),
    ("AWS::Scheduler::Schedule", schedule),
    ("AWS::Scheduler::ScheduleGroup", schedule_group),
    ("AWS::CloudFormation::WaitConditionHandle", wait_condition_handle),
]
