"""Reading a roster file from outside: what it is, what it holds, what makes it unreadable. Runs in a bounded child."""
