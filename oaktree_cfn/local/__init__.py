"""AWS on this machine: a CloudFormation control plane of our own in front of moto, which plays every other service.

It speaks CloudFormation's HTTP protocol, keeps stacks, change sets, exports and events in memory beside moto's own
state (both end with the process), and makes the resources through moto's public service APIs. It is honest: what it
cannot play it refuses by name.
"""
