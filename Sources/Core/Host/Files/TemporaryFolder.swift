import Foundation

/// A folder for the time of one call.
enum TemporaryFolder {
  /// Makes one, and removes it with everything in it however the call ends.
  static func with<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask, appropriateFor: URL(fileURLWithPath: "/tmp"), create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }
}
