"""What is right: items, code tables, numbers, states, who may do what. Pure: no app, no database."""
