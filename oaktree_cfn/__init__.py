"""OakTree CFN: a CloudFormation template library and the tool that takes its templates safely to AWS.

The rooms, top to bottom; imports only ever point down:

``cli``         one file per command: arguments, consent, exit codes; the only place that prints or prompts
``terminal``    a review, progress or outcome as text; returns strings
``deploy``      package, prepare, execute, watch, destroy
``catalog``     Service Catalog: publish, rehearse
``local``       AWS on this machine: a CloudFormation control plane in front of moto
``review``      what would change, and what that means; pure
``template``    what a template says: read, evaluate, schemas, lint
``macros``      the shorthand: what CloudFormation macros make of a template, here and in Lambda
``compose``     the words for blueprints of one's own, in one place
``blueprints``  what we can build: one class, one template
``services``    what a service is: the resources that blueprints compose
``aws``         the only door to boto3
``github``      the comment on a pull request
``environment`` environments/*.toml
``models``, ``errors``, ``files``  frozen nouns, the error tree, files written whole; standard library only
"""

__version__ = "0.1.0"
