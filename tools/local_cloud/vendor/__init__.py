"""A stand-in for a vendor of monitoring data: what it has, what it permits, how it fails, and a
judge that reads its log.

The core (`vendor.Vendor`) knows no HTTP and takes its time from a clock; `process` serves it.
"""
