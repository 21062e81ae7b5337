import BerthKit
import Foundation

/// Which calls of the kernel the programs of an instance's containers may make, in the form that Podman and Docker read.
///
/// It allows what their own profiles allow, and refuses beside that to give a file the bits by which it runs as its owner
/// or its group. So what a container writes into a folder that other users of the host can enter is nothing they gain by.
/// Neither engine can mount with `nosuid` for the host, and Docker not even for the container.
public enum SeccompProfile {
  /// One rule; several about one call are joined by "or".
  private struct Rule: Encodable {
    struct Argument: Encodable {
      let index: Int
      let value: UInt64
      let valueTwo: UInt64
      let op: String

      /// The bits of `mask` are `bits`.
      static func masked(_ index: Int, _ mask: UInt64, _ bits: UInt64 = 0) -> Argument {
        Argument(index: index, value: mask, valueTwo: bits, op: "SCMP_CMP_MASKED_EQ")
      }
      static func equal(_ index: Int, _ value: UInt64) -> Argument {
        Argument(index: index, value: value, valueTwo: 0, op: "SCMP_CMP_EQ")
      }
      static func different(_ index: Int, _ value: UInt64) -> Argument {
        Argument(index: index, value: value, valueTwo: 0, op: "SCMP_CMP_NE")
      }
    }
    struct Capabilities: Encodable { let caps: [String] }

    let names: [String]
    let action: String
    var errnoRet: Int?
    var args: [Argument] = []
    var includes: Capabilities?
    var excludes: Capabilities?

    static func allow(_ names: [String], _ args: [Argument] = [], with capability: String? = nil) -> Rule {
      Rule(
        names: names, action: "SCMP_ACT_ALLOW", args: args, includes: capability.map { Capabilities(caps: [$0]) })
    }
    static func refuse(_ names: [String], _ args: [Argument] = [], without capability: String? = nil) -> Rule {
      Rule(
        names: names, action: "SCMP_ACT_ERRNO", errnoRet: 1, args: args,
        excludes: capability.map { Capabilities(caps: [$0]) })
    }
  }

  private struct Architecture: Encodable {
    let architecture: String
    let subArchitectures: [String]
  }

  /// S_ISUID and S_ISGID.
  private static let (userBit, groupBit): (UInt64, UInt64) = (0o4000, 0o2000)
  /// O_CREAT and __O_TMPFILE, with which a call makes a file.
  private static let making: [UInt64] = [0o100, 0o20_000_000]
  /// The position of the mode among a call's arguments.
  private static let modes: [(position: Int, calls: [String])] = [
    (1, ["chmod", "fchmod", "creat", "mknod"]), (2, ["fchmodat", "fchmodat2", "mknodat"]),
  ]
  /// Likewise, of calls that make a file by a flag, which stands before it.
  private static let openings: [(position: Int, call: String)] = [(2, "open"), (3, "openat")]
  /// CLONE_NEW…: user, mount, PID, network, IPC, UTS and cgroup namespaces.
  private static let namespaces: UInt64 = 0x7e02_0000
  /// Calls that need a capability, which are refused without it rather than unknown.
  private static let privileged: [(capability: String, calls: String)] = [
    ("CAP_BPF", "bpf"), ("CAP_DAC_READ_SEARCH", "open_by_handle_at"), ("CAP_PERFMON", "perf_event_open"),
    ("CAP_SYSLOG", "syslog"),
    (
      "CAP_SYS_ADMIN",
      "clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree "
        + "pivot_root quotactl quotactl_fd setdomainname sethostname setns umount umount2 unshare"
    ), ("CAP_SYS_BOOT", "reboot"), ("CAP_SYS_CHROOT", "chroot"),
    ("CAP_SYS_MODULE", "delete_module finit_module init_module query_module"), ("CAP_SYS_PACCT", "acct"),
    ("CAP_SYS_PTRACE", "kcmp process_madvise"), ("CAP_SYS_RAWIO", "ioperm iopl"),
    ("CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"), ("CAP_SYS_TTY_CONFIG", "vhangup"),
  ]

  /// The file of an instance; nil where none of its services needs it.
  public static func file(_ services: [Service], of instance: InstanceKey, in paths: ScopePaths) throws -> RenderedFile?
  {
    guard services.contains(where: { $0.container != nil && !$0.loosens(.noSetuid) }) else { return nil }
    return RenderedFile(path: paths.seccomp(instance), text: try text())
  }

  /// The profile, a rule a line.
  public static func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    let map = try [
      Architecture(architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]),
      Architecture(architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"]),
    ].map(line)
    return """
      {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,
      "archMap":[\(map.joined(separator: ","))],
      "syscalls":[
      \(try rules.map(line).joined(separator: ",\n"))
      ]}

      """
  }

  private static var rules: [Rule] {
    var rules = [Rule.allow(ordinary.split { $0 == " " || $0 == "\n" }.map(String.init))]
    for (position, calls) in modes {
      rules.append(.allow(calls, [.masked(position, userBit | groupBit)]))
      for bit in [userBit, groupBit] { rules.append(.refuse(calls, [.masked(position, bit, bit)])) }
    }
    for (position, call) in openings {
      rules.append(.allow([call], [.masked(position - 1, making.reduce(0, |))]))
      rules.append(.allow([call], [.masked(position, userBit | groupBit)]))
      for flag in making {
        for bit in [userBit, groupBit] {
          rules.append(.refuse([call], [.masked(position - 1, flag, flag), .masked(position, bit, bit)]))
        }
      }
    }
    rules.append(.allow(["clone"], [.masked(0, namespaces)]))
    rules.append(.allow(["clone"], with: "CAP_SYS_ADMIN"))
    // Linux and Linux with 32-bit addresses, with or without fixed addresses; and the question which it is.
    for persona: UInt64 in [0, 8, 0x20000, 0x20008, 0xffff_ffff] {
      rules.append(.allow(["personality"], [.equal(0, persona)]))
    }
    // Sockets to the machine that this one may be a guest of (AF_VSOCK) know no namespace.
    rules.append(.allow(["socket"], [.different(0, 40)]))
    rules.append(.refuse(["keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "kexec_load"]))
    for (capability, calls) in privileged {
      let calls = calls.split(separator: " ").map(String.init)
      rules.append(.allow(calls, with: capability))
      let known = calls.filter { $0 != "clone3" }
      rules.append(.refuse(known, without: capability))
    }
    return rules
  }
}
