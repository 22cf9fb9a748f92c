"""What would change: the differ, change sets judged, gates. Pure: no I/O, no clock, no boto3."""
