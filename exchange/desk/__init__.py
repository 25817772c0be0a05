"""The desk: all that hub staff may do to a case, one table of acts for pages, API and commands alike."""

from exchange.desk.working import Caller, Desk

__all__ = ["Caller", "Desk"]
