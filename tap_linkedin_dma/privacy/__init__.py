"""What LinkedIn's terms let leave."""
