"""Puts things into a folder, and exchanges folders in it for links, as fast as it can, until its input ends.

    churn.py FOLDER

Each round the folder is looked for anew by its path and by what was held open of it before, since Berth moves it about.
"""
import ctypes
import os
import select
import sys

RENAME_EXCHANGE = 2
libc = ctypes.CDLL(None, use_errno=True)


def attempt(act, *arguments, **options):
    try:
        return act(*arguments, **options)
    except OSError:
        return None


def folders(top):
    """The folder and those in it, held open."""
    found = [top]
    for name in attempt(os.listdir, top) or []:
        inner = attempt(os.open, name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
        if inner is not None:
            found.append(inner)
    return found


def main():
    place = sys.argv[1]
    held = []
    number = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        top = attempt(os.open, place, os.O_RDONLY | os.O_DIRECTORY)
        if top is not None:
            held += folders(top)
        for folder in held:
            number += 1
            attempt(os.mkdir, f"new-{number % 50}", dir_fd=folder)
            attempt(os.symlink, "/etc", "link", dir_fd=folder)
            for name in [b"mods", b"world", b"else"]:
                libc.renameat2(folder, name, folder, b"link", RENAME_EXCHANGE)
        while len(held) > 40:
            os.close(held.pop(0))


main()
