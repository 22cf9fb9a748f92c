"""GitHub Actions on this machine: enough of it to run this repository's workflows as they are written."""
