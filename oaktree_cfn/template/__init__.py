"""What a template says: read it, evaluate its intrinsics, know its resource types, lint it. Any template, not only ours."""
