"""Making it so: package, prepare, execute, watch, diagnose, destroy.

Two pure decisions with CloudFormation's change set between them::

    bundle.package     template files                 -> Bundle       pure but for reading the files
    prepare.prepare    bundle, stack, environment     -> steps        pure
    steps.run          steps                          -> ChangeSet    the calls to AWS
    review/            change set                     -> Review, Verdict   pure
    consent.decide     verdict, consent               -> Execute | Discard pure
    execute, watch     that same change set, by ARN   -> Stack
    diagnose           events                         -> Cause        pure
"""
