"""Larkhaven, a town that does not exist: offices, people and a month of visits.

`services`, `offices` and `people` are what there is; `town` builds it; `plan` says
who comes when, the same whenever it is asked; `history` writes what is over, and
`diary` books what is to come through the operations that everybody uses.
"""
