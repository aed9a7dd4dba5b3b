"""lpa: a least-privilege analyzer for AWS IAM."""
