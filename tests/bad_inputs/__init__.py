"""What must end in a plain answer: 108 bad inputs, odd values, unsafe settings, broken pictures."""
