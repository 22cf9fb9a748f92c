"""``export-name``: nobody else's."""

from __future__ import annotations

from .conftest import Ground

TEMPLATE = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
EXPORT = "Outputs: {Topic: {Value: x, Export: {Name: shop-Topic}}}\n"


def test_a_name_that_nobody_has_is_good(ground: Ground) -> None:
    assert ground.said("export-name", head=EXPORT) == []


def test_a_name_of_another_stack_is_named_with_it(ground: Ground) -> None:
    ground.deploy("billing", TEMPLATE + EXPORT)
    expected = [" the export shop-Topic is one of the stack billing already"]
    assert ground.said("export-name", head=EXPORT) == expected
    shop = ground.deploy("shop", TEMPLATE)
    assert ground.said("export-name", head=EXPORT, stack=shop) == expected


def test_what_the_stack_exports_already_is_its_own(ground: Ground) -> None:
    shop = ground.deploy("shop", TEMPLATE + EXPORT)
    assert ground.said("export-name", head=EXPORT, stack=shop) == []


def test_what_moves_up_from_a_nested_stack_is_its_own_too(ground: Ground) -> None:
    s3 = ground.client("s3")
    s3.create_bucket(Bucket="inner", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    s3.put_object(Bucket="inner", Key="inner.yaml", Body=(TEMPLATE + EXPORT).encode())
    url = "https://inner.s3.ap-southeast-1.amazonaws.com/inner.yaml"
    nested = f"Resources: {{Inner: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}}}"
    shop = ground.deploy("shop", nested)
    assert ground.said("export-name", head=EXPORT, stack=shop) == []
