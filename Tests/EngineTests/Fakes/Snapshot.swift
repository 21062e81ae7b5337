import Foundation

@testable import BerthEngine

/// Everything on a test host that an operation may change, a line each, so that two moments can be compared.
struct Snapshot: Equatable {
  let lines: Set<String>

  init(_ host: TestHost) throws {
    var lines: Set<String> = []
    for case let path as String in FileManager.default.enumerator(atPath: host.folder.path) ?? .init() {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(host.folder.path)/\(path)")
      let mode = String(attributes[.posixPermissions] as? Int ?? 0, radix: 8)
      switch attributes[.type] as? FileAttributeType {
      case .typeDirectory?: lines.insert("folder /\(path) \(mode)")
      case .typeSymbolicLink?:
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(host.folder.path)/\(path)")
        lines.insert("link /\(path) \(target.replacing(host.folder.path, with: ""))")
      // An archive and a list of files hold inodes and times, which no two runs have alike.
      case _ where [".tar.zst", ".mtree"].contains(where: path.hasSuffix): lines.insert("file /\(path) \(mode)")
      default: lines.insert("file /\(path) \(mode) \(try host.files.read("/\(path)"))")
      }
      if let checksum = try host.registry.checksum(of: "/\(path)") { lines.insert("checksum /\(path) \(checksum)") }
    }
    // A description would have the images in any order.
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for record in try host.registry.all() {
      lines.insert("instance \(String(decoding: try encoder.encode(record), as: UTF8.self))")
      for setting in try host.registry.settings(of: record.uid) { lines.insert("setting \(record.key) \(setting)") }
    }
    for backup in try host.registry.backups.all() {
      let base = backup.base ?? "nothing"
      lines.insert(
        "backup \(backup.number) \(backup.id) of \(backup.instance) at \(backup.path), from \(base), \(backup.reason)")
    }
    // An operation that has ended leaves nothing but its row.
    for operation in try host.registry.journal.newest(5) {
      if operation.state.isOpen { lines.insert("operation \(operation.id) \(operation.state)") }
      let isForgotten =
        try host.registry.journal.receipts(of: operation.id).isEmpty
        && host.registry.journal.plan(of: operation.id) == nil
      if !isForgotten { lines.insert("receipts or a plan of the operation \(operation.id)") }
    }
    for user in host.users.names { lines.insert("user \(user)") }
    let manager = host.manager.known
    for unit in manager.enabled { lines.insert("enabled \(unit)") }
    for (unit, state) in manager.units { lines.insert("unit \(unit) \(state.active)") }
    for template in manager.templates.keys { lines.insert("known to the manager \(template)") }
    for lock in host.locks.held { lines.insert("lock \(lock)") }
    for container in host.projects.now.running { lines.insert("container \(container)") }
    for port in host.ports.claimed { lines.insert("claim \(port)") }
    self.lines = lines
  }

  private init(_ lines: Set<String>) { self.lines = lines }

  /// The same without finished backups: their rows, archives and lists of files.
  var withoutBackups: Snapshot {
    Snapshot(
      lines.filter { line in
        !line.hasPrefix("backup ") && !line.contains(".tar.zst 600") && !line.contains(".mtree 600")
          && !(line.hasPrefix("folder ") && line.contains("backups"))
      })
  }

  /// What came and what went since an earlier moment; nothing when all is as it was.
  func changes(since earlier: Snapshot) -> [String] {
    lines.subtracting(earlier.lines).map { "came: \($0)" }.sorted()
      + earlier.lines.subtracting(lines).map { "went: \($0)" }.sorted()
  }
}
