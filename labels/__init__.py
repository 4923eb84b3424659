"""What people edit: intents, journey stages, owners, scoring and metric definitions."""
