import Foundation

/// A copy of the program, with its plugins beside it, where every user can run it: a checkout may lie in a home folder
/// that only its owner may enter.
public struct PublicProgram: Sendable {
  /// The program's file.
  public var path: String { "\(folder)/berth" }
  private let folder: String

  /// Makes the copy for a test, and removes it afterwards.
  public static func with<Result>(_ body: (PublicProgram) async throws -> Result) async throws -> Result {
    let program = PublicProgram(folder: "/var/tmp/berth-program-\(UUID().uuidString.prefix(8).lowercased())")
    let files = FileManager.default
    try files.createDirectory(
      atPath: program.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    defer { try? files.removeItem(atPath: program.folder) }
    try files.copyItem(atPath: BerthProgram.path, toPath: program.path)
    let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    try files.copyItem(atPath: "\(checkout)/plugins.d", toPath: "\(program.folder)/plugins.d")
    return try await body(program)
  }
}
