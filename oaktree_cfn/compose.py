"""Everything a blueprint of one's own is composed from, in one place. ``docs/compose.md`` shows how.

A ``System`` nests blueprints and wires them. ``Described`` makes a blueprint of what is said about a service. The rest are
the words to say it with, and the blueprints that the library's own system consists of.
"""

from __future__ import annotations

from oaktree_cfn.blueprints import Blueprint
from oaktree_cfn.blueprints._described import Described
from oaktree_cfn.blueprints._system import Child, System
from oaktree_cfn.blueprints.alb import Alb
from oaktree_cfn.blueprints.catalog import Catalog
from oaktree_cfn.blueprints.cluster import Cluster
from oaktree_cfn.blueprints.data import Data
from oaktree_cfn.blueprints.ecr import Ecr
from oaktree_cfn.blueprints.macros import Macros
from oaktree_cfn.blueprints.monitoring import Monitoring
from oaktree_cfn.blueprints.network import Network
from oaktree_cfn.blueprints.pipeline import Pipeline
from oaktree_cfn.blueprints.product import Product
from oaktree_cfn.blueprints.root import Root
from oaktree_cfn.blueprints.service import Service
from oaktree_cfn.services.capacity import Capacity, OnDemand, Provisioned
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.hook import Hook
from oaktree_cfn.services.image import image_of
from oaktree_cfn.services.index import GlobalIndex, Key, LocalIndex
from oaktree_cfn.services.metrics import Input, Metric
from oaktree_cfn.services.queue import Queue
from oaktree_cfn.services.restart_policy import RestartPolicy
from oaktree_cfn.services.rollout import BlueGreen, Canary, EarlySuccess, Linear, Rolling, zero_surge
from oaktree_cfn.services.scaling import Scaling, ScheduledAction
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.secrets import ParameterStore, SecretsManager
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.sidecar import Sidecar
from oaktree_cfn.services.spot import Spot
from oaktree_cfn.services.step_scaling import Step, StepScaling
from oaktree_cfn.services.table import Table
from oaktree_cfn.services.target_tracking import TargetTracking
from oaktree_cfn.services.traffic import Route, Targets
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.worker import Worker

__all__ = [
    "Alb",
    "BlueGreen",
    "Blueprint",
    "Canary",
    "Capacity",
    "Catalog",
    "Child",
    "Cluster",
    "ContainerHealthCheck",
    "Data",
    "Described",
    "EarlySuccess",
    "Ecr",
    "GlobalIndex",
    "Grant",
    "HealthCheck",
    "Hook",
    "Input",
    "Key",
    "Linear",
    "LocalIndex",
    "Macros",
    "Metric",
    "Monitoring",
    "Network",
    "OnDemand",
    "ParameterStore",
    "Pipeline",
    "Product",
    "Provisioned",
    "Queue",
    "RestartPolicy",
    "Rolling",
    "Root",
    "Route",
    "Scaling",
    "ScheduledAction",
    "ScheduledTask",
    "SecretsManager",
    "Service",
    "ServiceConnect",
    "Sidecar",
    "Spot",
    "Step",
    "StepScaling",
    "System",
    "Table",
    "TargetTracking",
    "Targets",
    "WebService",
    "Worker",
    "image_of",
    "zero_surge",
]
