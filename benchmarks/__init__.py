"""What this project costs beside yardsticks, measured in one run: `make bench`.

One module per part (`options.PARTS`), each with a function `tables`; `figures` has the arithmetic,
`tables` and `document` write. Times are given as ratios wherever something comparable was measured
in the same rounds, because milliseconds say more about the machine than about the program.
"""
