"""Letters and documents as their readers get them."""
