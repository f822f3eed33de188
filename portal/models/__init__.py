"""What is kept: tables, no decisions."""
