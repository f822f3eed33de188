"""What is uploaded: an encrypted blob store, local folder or S3-compatible."""
