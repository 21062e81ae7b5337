#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// openat2(2), for which glibc has no function, and Swift cannot call syscall(2), which takes any number of arguments.
// The structure and the number are the kernel's own (linux/openat2.h); a machine that is older answers ENOSYS.
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define BERTH_RESOLVE_NO_SYMLINKS 0x04

static inline int berth_openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct { uint64_t flags, mode, resolve; } how = {flags, mode, resolve};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}
