"""The Referral Exchange: a concern about a child or an adult at risk is taken in, shared with the agencies that
need to know, and followed until each has answered and the person who raised it has been told.

It promises: what was accepted is durable; what leaves is readable by its one recipient only; an automatic
receipt is never taken for a person's answer; and silence is an event that reaches a human.
"""
