"""The simulated protocol: does the detector keep its promise, and who else is as quick?

    regimes → streams (with nuisances) → methods → matched (thresholds) → figures
                                      protocol ties them together

Streams are hours × streams: n stories and y of them negative. A method reads the same streams as
every other. Thresholds of all methods but our own promise are set on streams of their own so that
each raises one false alarm a stream in 26 weeks; rates are measured on fresh streams, delays on
streams whose share shifts by a known odds ratio for 72 hours.
"""
