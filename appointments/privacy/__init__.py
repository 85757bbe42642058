"""What is kept of people, for how long, and giving it out or away.

`columns` says of every column of the database what it is; `forgetting`, what is
taken out of an appointment, whoever asks; `purging`, when that happens by itself;
`subjects`, `telling` and `erasing`, what one person may ask for.
"""
