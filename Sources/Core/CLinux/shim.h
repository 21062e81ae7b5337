#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// openat2(2), for which glibc has no function, and Swift cannot call syscall(2), which takes any number of arguments.
// The structure and the number are the kernel's own (linux/openat2.h); a machine that is older answers ENOSYS.
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define BERTH_RESOLVE_NO_XDEV 0x01
#define BERTH_RESOLVE_NO_SYMLINKS 0x04

static inline int berth_openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct { uint64_t flags, mode, resolve; } how = {flags, mode, resolve};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// open_tree(2), mount_setattr(2) and move_mount(2), which glibc has functions for since 2.36 only. Numbers and structure are
// the kernel's own (linux/mount.h).
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define BERTH_MOUNT_ATTR_RDONLY 0x00000001
#define BERTH_MOUNT_ATTR_NOSUID 0x00000002
#define BERTH_MOUNT_ATTR_NODEV 0x00000004
#define BERTH_MOUNT_ATTR_NOEXEC 0x00000008
#define BERTH_MOUNT_ATTR_NOSYMFOLLOW 0x00200000

// A copy of the mount that an open file lies in, from that file on and with what is mounted below it: OPEN_TREE_CLONE,
// OPEN_TREE_CLOEXEC, AT_EMPTY_PATH, AT_RECURSIVE.
static inline int berth_open_tree(int file) {
  return (int)syscall(SYS_open_tree, file, "", 1 | 02000000 | 0x1000 | 0x8000);
}

// Sets attributes of such a copy, and makes it a slave (MS_SLAVE): what is unmounted of it is unmounted nowhere else.
static inline int berth_mount_setattr(int tree, uint64_t attributes) {
  struct { uint64_t set, clear, propagation, userns; } how = {attributes, 0, 1 << 19, 0};
  return (int)syscall(SYS_mount_setattr, tree, "", 0x1000 | 0x8000, &how, sizeof how);
}

// Mounts it on an open file or folder: MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH.
static inline int berth_move_mount(int tree, int place) {
  return (int)syscall(SYS_move_mount, tree, "", place, "", 0x04 | 0x40);
}

// Sees the mounts of another namespace from now on, in this thread alone: unshare(2) with CLONE_FS, setns(2) with CLONE_NEWNS.
static inline int berth_enter_mounts(int space, int root) {
  if (syscall(SYS_unshare, 0x00000200) != 0 || syscall(SYS_setns, space, 0x00020000) != 0) return -1;
  // The namespace's own root is not that of a process in a chroot.
  return fchdir(root) == 0 && chroot(".") == 0 ? 0 : -1;
}

// renameat2(2) with RENAME_EXCHANGE, which glibc shows to those only who ask for all of GNU's.
static inline int berth_exchange(int folder, const char *name, int other, const char *second) {
  return (int)syscall(SYS_renameat2, folder, name, other, second, 1u << 1);
}

// The process at the other end of a local socket, or the one that listens there; -1 with errno. glibc shows the structure
// to those only who ask for all of GNU's (unix(7), SO_PEERCRED).
static inline int berth_peer(int socket_) {
  struct { int process, user, group; } peer;
  socklen_t size = sizeof peer;
  return getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.process : -1;
}
