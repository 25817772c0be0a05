"""The desk without its pages."""
