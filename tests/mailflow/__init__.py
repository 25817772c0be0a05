"""Tests of mailflow."""
