"""What leaves: Singer messages, and what people are told."""
