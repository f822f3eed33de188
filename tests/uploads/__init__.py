"""What strangers may send: through the doors of the product, read by its own reading process."""
