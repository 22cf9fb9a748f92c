"""Service Catalog on the local stage: portfolios, products and their versions, and launches as real stacks.

moto stops at portfolios, so the stage plays the whole service, beside its CloudFormation. ``books`` is what there is, ``desk`` how
requests name it, ``offers`` what administrators do, ``launches`` what users do, ``wire`` the protocol.
"""
