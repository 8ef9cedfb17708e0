"""Free text: what can be shown without a model."""
