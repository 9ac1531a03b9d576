"""How much the work costs as the data grows: `make bench`. docs/scale.md shows one run and says how to read it.

    make bench [SIZE=100k|1m|10m] [DATABASES=postgresql,sqlite] [ONLY=save,week_page] [PEERS=1]

A seeded generator fills each database with the same hours, leads and sales. First what the rollups say is compared with
a computation of its own, and the databases with each other: nothing is measured of figures that are wrong. Then each
work is measured beside its floor, which is the least that any program would have to do for it, in the same run.
"""
