"""Service Catalog, decided without asking anybody: which version to publish, what an upgrade does to what is provisioned."""
