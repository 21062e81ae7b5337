import BerthHost
import BerthKit
import Foundation

/// Everything of a sandbox that an operation may change: files, users, units, and what the registry says.
public struct HostSnapshot: Sendable, Equatable, CustomStringConvertible {
  /// What there is of each path: kind, mode, owner and contents.
  public let files: [String: String]
  /// The lines of the sandbox's own users.
  public let users: [String]
  /// Units that are not simply inactive, with their state.
  public let units: [String]
  /// `berth list --json`, with instances, ports and whether they run and are enabled, but without how backups went.
  public let list: String

  /// Looks at a sandbox whose manager is up.
  public init(_ box: SandboxFixture) async throws {
    async let list = box.berth("list", "--json")
    async let units = box.systemctl("list-units", "--all", "--plain", "--no-legend", "*@*")
    users = SandboxFixture.text("\(box.root)/state/private/passwd").split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("berth-") }.sorted()
    let names = users.map { $0.split(separator: ":") }.map { (String($0[2]), String($0[0])) }
    files = Self.files(of: box, owners: Dictionary(names) { first, _ in first })
    self.units = try await units.split(separator: "\n").map(String.init).filter { !$0.contains(" inactive ") }
      .map { $0.split(separator: " ").prefix(4).joined(separator: " ") }.sorted()
    self.list = Self.withoutBackupRuns(try await list.output)
  }

  /// How a backup went is remembered whatever became of it.
  private static func withoutBackupRuns(_ list: String) -> String {
    list.replacing(/"last_backup" : (null|\{[^}]*\})/, with: "\"last_backup\" : null")
  }

  private init(files: [String: String], users: [String], units: [String], list: String) {
    self.files = files
    self.users = users
    self.units = units
    self.list = list
  }

  /// The same without some paths.
  public func without(_ paths: Set<String>) -> HostSnapshot {
    HostSnapshot(files: files.filter { !paths.contains($0.key) }, users: users, units: units, list: list)
  }

  /// The same without what differs each time: times, and the names of users and ids of backups, which are random.
  public var timeless: HostSnapshot {
    HostSnapshot(
      files: Dictionary(files.map { (Self.timeless($0.key), Self.timeless($0.value, at: $0.key)) }) { first, _ in first
      },
      users: users.map { _ in "a user" }, units: units, list: Self.timeless(list))
  }

  private static func timeless(_ text: String) -> String {
    text.replacing(/berth-[0-9a-f]{12}/, with: "berth-user").replacing(
      /\d{4}-?\d\d-?\d\dT\d\d:?\d\d:?\d\dZ/, with: "TIME"
    ).replacing(/backups\/[0-9a-f-]{36}/, with: "backups/ID")
  }

  /// Archives and their lists hold times; the doctor knows whether they are what they should be.
  private static func timeless(_ file: String, at path: String) -> String {
    let isArchive = path.contains(/^backups\/.+\.tar|\.mtree$/)
    return timeless(isArchive ? file.split(separator: " ").prefix(2).joined(separator: " ") : file)
  }

  public var description: String { "\(files.count) files, \(users.count) users, units \(units)" }

  /// A line for everything that is different.
  public func differences(from other: HostSnapshot) -> [String] {
    var lines: [String] = []
    for path in Set(files.keys).union(other.files.keys).sorted() where files[path] != other.files[path] {
      lines.append("\(path): \(other.files[path] ?? "not there") -> \(files[path] ?? "not there")")
    }
    if users != other.users { lines.append("users: \(other.users) -> \(users)") }
    if units != other.units { lines.append("units: \(other.units) -> \(units)") }
    if list != other.list { lines.append("list: \(other.list) -> \(list)") }
    return lines
  }

  private static func files(of box: SandboxFixture, owners: [String: String]) -> [String: String] {
    var files: [String: String] = [:]
    for path in box.tree() {
      var status = stat()
      guard lstat("\(box.root)/\(path)", &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      let contents =
        switch kind {
        case S_IFLNK: (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(box.root)/\(path)")) ?? ""
        case S_IFREG: contents("\(box.root)/\(path)")
        default: ""
        }
      let owner = owners["\(status.st_uid)"] ?? "\(status.st_uid)"
      let group = owners["\(status.st_gid)"] ?? "\(status.st_gid)"
      files[path] = "\(String(status.st_mode, radix: 8)) \(owner):\(group) \(contents)"
    }
    return files
  }

  /// A text as it is; of what is longer a checksum, which is the same for as long as the tests run.
  private static func contents(_ path: String) -> String {
    guard let data = FileManager.default.contents(atPath: path), data.count > 1 << 16 else {
      return SandboxFixture.text(path)
    }
    var hasher = Hasher()
    data.withUnsafeBytes { hasher.combine(bytes: $0) }
    return "\(data.count) bytes, \(hasher.finalize())"
  }
}
