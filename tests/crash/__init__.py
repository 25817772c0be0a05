"""The serving process killed where it hurts."""
