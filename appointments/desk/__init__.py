"""The desk of an office: who waits, who is next, and the board that shows it."""
