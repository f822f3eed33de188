"""What all screens share: guard, pages, errors, language, pictures, headers."""
