"""What all addresses under `/api/` share; none of it knows a model."""
