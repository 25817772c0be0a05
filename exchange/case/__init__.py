"""The core: what a referral is, who owes what by when, and how a case moves. No I/O, no clock, no chance."""
