"""Pages and API: referral form, receipt page, answer page, desk; the only importer of FastAPI."""
