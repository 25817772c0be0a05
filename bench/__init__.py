"""What the exchange costs: ratios, both sides measured in one run on one machine."""
