import Foundation
import TestSupport
import Testing

@Suite("What a service in root's sandbox may not do", .serialized)
struct HardeningTests {
  @Test("every line of the unit refuses the act that it is for")
  func everyLine() async throws {
    try await HardeningWitness.with { witness in
      try await SandboxFixture.with { box in
        try ForbiddenActs.addPlugin(in: box.plugins)
        let outcome = try await ForbiddenActs.outcome(witness) { try await box.berth($0) }
        let unit = try String(contentsOfFile: "\(box.root)/config/systemd/user/acts@.service", encoding: .utf8)
        // Newer managers put every service into a user namespace, in which they cannot mount /proc anew.
        let isApart = outcome["PrivateUsers.map"] != "allowed"
        let exceptions = isApart ? ForbiddenActs.exceptionsOfPerson : [:]
        #expect(ForbiddenActs.problems(with: outcome, unit: unit, exceptions: exceptions) == [])
      }
    }
  }

  /// What this machine refuses to everybody, and why.
  static var impossible: [String: String] {
    var reasons: [String: String] = [:]
    if !FileManager.default.fileExists(atPath: "/proc/modules") {
      reasons["ProtectKernelModules.call"] = "a kernel without modules has no such call"
    }
    if !canMakeUserNamespaces {
      reasons["RestrictNamespaces.user"] = "the kernel makes no user namespace for a process in a chroot"
    }
    if !HardeningWitness.hasModules { reasons["ProtectKernelModules.folder"] = "there is no such folder to look into" }
    return reasons
  }

  /// Whether root may make a user namespace here.
  static let canMakeUserNamespaces: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--user", "true"]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test("control: the same acts succeed for root where nothing holds it")
  func control() async throws {
    try await HardeningWitness.with { witness in
      let outcome = try await ForbiddenActs.control(witness)
      #expect(outcome.count > 40)
      let refused = outcome.filter { $0.value != "allowed" }
      #expect(refused.keys.sorted() == Self.impossible.keys.sorted())
    }
  }

  /// Keys that a plugin loosens, and the acts that this alone makes possible.
  ///
  /// The other lines cannot be shown so, since more than one of them refuses the same act, or since the kernel lets no
  /// user but root do it: each is then shown by its refusal and by the control.
  static let loosened: [(keys: [String], acts: Set<String>)] = [
    (["ProtectSystem"], ["ProtectSystem.var"]),
    (["ProtectHome"], ["ProtectHome.home"]),
    (["ProtectProc"], ["ProtectProc.others"]),
    (["ProtectKernelModules"], ["ProtectKernelModules.folder"]),
    (["ProtectKernelTunables"], ["ProtectKernelTunables.sys"]),
    (["PrivateTmp"], ["PrivateTmp.tmp", "PrivateTmp.vartmp"]),
    (["PrivateDevices"], ["PrivateDevices.device"]),
    (["RestrictNamespaces"], ["RestrictNamespaces.user"]),
    (["RestrictSUIDSGID"], ["RestrictSUIDSGID.chmod"]),
    (["RestrictAddressFamilies"], ["RestrictAddressFamilies.netlink"]),
    (["LockPersonality"], ["LockPersonality.linux32"]),
    (["MemoryDenyWriteExecute"], ["MemoryDenyWriteExecute.mmap"]),
    (["SystemCallArchitectures"], ["SystemCallArchitectures.i386"]),
    (["SystemCallFilter"], ["SystemCallFilter.mount", "SystemCallFilter.chroot"]),
    (
      ["SystemCallFilter", "ProtectClock"],
      ["SystemCallFilter.mount", "SystemCallFilter.chroot", "ProtectClock.adjtimex"]
    ),
    (["CapabilityBoundingSet"], ["CapabilityBoundingSet.sets"]),
    (["KeyringMode"], ["KeyringMode.session"]),
    (["UMask"], ["UMask.mode"]),
    (["NoNewPrivileges"], []), (["ProtectHostname"], []), (["ProtectKernelLogs"], []),
    (["ProtectControlGroups"], []), (["DevicePolicy"], []), (["RestrictRealtime"], []), (["AmbientCapabilities"], []),
  ]

  @Test("control: a key that a plugin loosens allows its own acts and no others")
  func loosenedKeys() async throws {
    // Without 'ProtectHome' a unit's commands are found as everybody finds them.
    try await PublicProgram.with { program in try await Self.loosens(by: program) }
  }

  private static func loosens(by program: PublicProgram) async throws {
    try await HardeningWitness.with { witness in
      try await SandboxFixture.with { box in
        try ForbiddenActs.addPlugin(in: box.plugins)
        let strict = try await ForbiddenActs.outcome(witness) {
          try await BerthProgram.run($0 + box.reach, program: program)
        }
        for (number, row) in Self.loosened.enumerated() {
          let id = "loose-\(number)"
          try ForbiddenActs.addPlugin(id, loosen: row.keys, in: box.plugins)
          let loose = try await ForbiddenActs.outcome(of: id, witness) {
            try await BerthProgram.run($0 + box.reach, program: program)
          }
          let gained = loose.keys.filter { loose[$0] == "allowed" && strict[$0] != "allowed" }
          // Whether a sandbox's manager has a device controller is the host's affair; the system scope's tests show it.
          let expected = row.acts.filter { strict[$0] != "allowed" && Self.impossible[$0] == nil }
          #expect(Set(gained.filter { !$0.hasPrefix("DevicePolicy.") }) == expected, "\(row.keys)")
        }
      }
    }
  }
}
