"""A part of one's own among the library's: a bucket and a secret, in plain troposphere.

Any class with a method compose() can stand in a system. Its parameters are filled by outputs of the same name, and so are
names that a service refers to: the gallery finds the bucket in BUCKET, may read and write objects there, and gets one key of
the secret, which ECS fetches when it starts the task.

    oaktree build
    oaktree deploy --env local
"""

from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template
from troposphere.s3 import Bucket, PublicAccessBlockConfiguration
from troposphere.secretsmanager import GenerateSecretString, Secret

from oaktree_cfn.compose import Alb, Cluster, Described, Grant, Network, Route, SecretsManager, System, WebService


class Store:
    """Where uploads are kept, and the key that signs them."""

    def compose(self) -> Template:
        """The template."""
        template = Template("Where uploads are kept, and the key that signs them.")
        template.add_parameter(Parameter("Prefix", Type="String"))
        closed = dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )
        private = PublicAccessBlockConfiguration(**closed)
        name = Sub("${Prefix}-${AWS::AccountId}")
        template.add_resource(Bucket("Bucket", BucketName=name, PublicAccessBlockConfiguration=private))
        random = GenerateSecretString(GenerateStringKey="signing", SecretStringTemplate="{}")
        template.add_resource(Secret("Key", Name=Sub("${Prefix}/key"), GenerateSecretString=random))
        template.add_output(Output("BucketName", Value=Ref("Bucket")))
        template.add_output(Output("BucketArn", Value=GetAtt("Bucket", "Arn")))
        template.add_output(Output("KeyArn", Value=Ref("Key")))
        return template


_gallery = WebService(
    image="public.ecr.aws/nginx/nginx-unprivileged:1.29",
    port=8080,
    route=Route(priority=10, paths=("/*",)),
    environment={"BUCKET": Ref("BucketName")},
    secrets={"SIGNING_KEY": SecretsManager(arn=Ref("KeyArn"), json_key="signing")},
    grants=(Grant("read-write", "bucket", Ref("BucketArn")),),
)

root = System(
    "A gallery with a store of its own.",
    {
        "Network": Network(),
        "Cluster": Cluster(),
        "Alb": Alb(),
        "Store": Store(),
        "Gallery": Described(_gallery, "gallery"),
    },
    exports=("ApplicationUrl", "BucketName"),
)
