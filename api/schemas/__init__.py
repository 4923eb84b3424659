"""What the API answers: pydantic models, made from the records by functions beside them."""
