"""A month in a few minutes: the real hub under a virtual clock, among agencies that are silent in every way."""
