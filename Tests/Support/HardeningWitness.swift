import BerthHost
import BerthKit
import Foundation

/// What a service must not see or change, put on the machine by the tests and taken away again. Making it needs root.
public struct HardeningWitness: Sendable {
  /// Part of the name of everything that belongs to it.
  public let name: String
  /// The number of its shared memory.
  public let key: Int
  /// Where a process finds what an instance's folder looks like, with nothing hidden: the data folder in it.
  public var data: String { "\(folder)/control/state/instances/acts/default/data" }

  private var folder: String { "/var/lib/\(name)" }

  /// Runs a test with everything in place.
  public static func with<Result>(_ body: (HardeningWitness) async throws -> Result) async throws -> Result {
    let number = Int.random(in: 0x1000_0000..<0x7fff_ffff)
    let witness = HardeningWitness(name: "berth-witness-\(String(number, radix: 16))", key: number)
    let result: Result
    do {
      try await witness.make()
      result = try await body(witness)
    } catch {
      await witness.remove()
      throw error
    }
    await witness.remove()
    return result
  }

  /// The perl program, readable for every user.
  public var script: String { "\(folder)/acts.pl" }

  /// Not every machine has a folder of modules, and one that came and went would disturb services that are starting.
  private var markers: [String] {
    let modules = Self.hasModules ? ["/usr/lib/modules"] : []
    return (["/home", "/root", "/tmp", "/var/tmp"] + modules).map { "\($0)/\(name)" }
  }
  public static var hasModules: Bool { FileManager.default.fileExists(atPath: "/usr/lib/modules") }

  /// A device that every service may have, and one that none may, beside another of the first kind.
  private var devices: [(path: String, major: Int, minor: Int)] {
    [("/dev/\(name)-null", 1, 3), ("/dev/\(name)-zero", 1, 5), ("/dev/\(name)-fuse", 10, 229)]
  }

  private func make() async throws {
    let files = FileManager.default
    let control = (data as NSString).deletingLastPathComponent
    let own = ["data", "config", "cache"].map { "\(control)/\($0)" } + ["\(folder)/control/state/instances/acts/other"]
    for path in markers + own + ["\(folder)/open"] {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for path in ["/home/\(name)/file", "\(control)/env", "\(folder)/control/state/registry.sqlite"] {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    try ForbiddenActs.script.write(toFile: script, atomically: true, encoding: .utf8)
    chmod("\(folder)/open", 0o777)
    for device in devices {
      try await run("mknod", "--mode=0666", device.path, "c", "\(device.major)", "\(device.minor)")
    }
    // A program of root's that takes its owner's rights on.
    try await run("install", "--mode=4755", "/usr/bin/id", "\(folder)/id")
    try await run("perl", "-e", "defined shmget($ARGV[0], 4096, 01666) or die $!", "\(key)")
  }

  private func remove() async {
    for path in markers + devices.map(\.path) + [folder] { try? FileManager.default.removeItem(atPath: path) }
    try? await run("ipcrm", "--shmem-key", "\(key)")
  }

  private func run(_ program: String, _ arguments: String...) async throws {
    try await SubprocessRunner().succeed(Command(program, arguments))
  }
}
