"""Shorthand: CloudFormation macros, and what makes them to be trusted.

Three macros, each a pure function from a fragment of a template to a fragment: ``OakTree`` (``transform``) turns a few
lines about a service into its resources, ``OakTreeGrants`` (``grants``) intents into the statements of a policy,
``OakTreeDefaults`` (``defaults``) adds house rules to any template. The same functions run behind three doors: the
command line (``oaktree expand``), the Lambda function that CloudFormation calls (``handler``), and the local stage, which
calls that handler.

Nothing in a fragment is ever run, imported, formatted or looked up as an attribute. What is not known is refused by name;
size and depth are bounded; the same fragment gives the same bytes.
"""
