"""`recado bench`: what Recado carries on this machine, on real sockets, beside a bare reference.

Everything runs in a folder of its own that is thrown away. Machines differ and are busy, so what
counts are the ratios to the reference that is measured in the same run.
"""
