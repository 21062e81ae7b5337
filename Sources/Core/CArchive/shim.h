#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <sys/types.h>

// What glibc declares for _GNU_SOURCE only, which Swift does not define.
int syncfs(int descriptor);
int sync_file_range(int descriptor, off_t offset, off_t length, unsigned int flags);
