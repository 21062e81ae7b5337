"""Exchanges two names in a folder as fast as it can, for so many seconds: what is a folder in one moment is a link in the next.

    swap.py FOLDER NAME OTHER SECONDS

Ends by itself, or when its input ends. What stands under NAME when it ends is what stood there at first.
"""
import ctypes
import os
import select
import sys
import time

RENAME_EXCHANGE = 2
libc = ctypes.CDLL(None, use_errno=True)


def exchange(folder, first, second):
    return libc.renameat2(folder, first, folder, second, RENAME_EXCHANGE)


def main():
    place, name, other, seconds = sys.argv[1:]
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    name, other = name.encode(), other.encode()
    end = time.monotonic() + float(seconds)
    print("ready", flush=True)
    count = 0
    while time.monotonic() < end and not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(50):
            # An odd number of exchanges would leave the link where the folder was.
            if exchange(folder, name, other) == 0:
                count += 1
    if count % 2:
        exchange(folder, name, other)
    print(count)


main()
