import BerthKit

/// The numbers of an image's users, read from the image's own `/etc/passwd` and `/etc/group`.
///
/// The image may be anybody's and is not run: its files come out of a container that is made and never started.
struct ImageUsers {
  /// `podman` or `docker`, which take the same words here, without any.
  let engine: Command
  let runner: any ProcessRunner

  private var program: String { engine.program }

  private func command(_ words: String...) -> Command {
    Command(program, words, environment: engine.environment)
  }

  func numbers(of user: String?, in image: String) async throws -> FileNumbers {
    let said = if let user { user } else { try await configured(image) }
    // The same as an engine does: a group is the user's own one unless it is named, and root's where there is none.
    let parts = said.split(separator: ":", maxSplits: 1).map(String.init)
    guard let name = parts.first, name != "0", name != "root" else { return FileNumbers(user: 0, group: 0) }
    return try await withFiles(of: image) { file in
      let row = try await file("/etc/passwd").first { $0.count > 3 && ($0[0] == name || $0[2] == name) }
      guard let number = UInt32(row?[2] ?? name) else { throw BerthError.noImageUser(name, image, program: program) }
      guard parts.count == 2 else { return FileNumbers(user: number, group: row.flatMap { UInt32($0[3]) } ?? 0) }
      if let group = UInt32(parts[1]) { return FileNumbers(user: number, group: group) }
      let found = try await file("/etc/group").first { $0.count > 2 && $0[0] == parts[1] }
      guard let group = found.flatMap({ UInt32($0[2]) }) else {
        throw BerthError.noImageUser(parts[1], image, program: program)
      }
      return FileNumbers(user: number, group: group)
    }
  }

  /// The user that the image names; empty for root.
  private func configured(_ image: String) async throws -> String {
    try await runner.succeed(command("image", "inspect", "--format", "{{.Config.User}}", image))
      .split(separator: "\n").first.map(String.init) ?? ""
  }

  /// - Parameter body: is given what reads a file of the image: its lines, each parted at colons; nothing where it is missing.
  private func withFiles<Result>(
    of image: String, _ body: ((String) async throws -> [[String]]) async throws -> Result
  ) async throws -> Result {
    // An image need not say what it runs, and none is run.
    let made = try await runner.succeed(command("create", "--pull", "never", image, "/"))
    let container = made.split(separator: "\n").last.map(String.init) ?? ""
    func remove() async throws {
      try await runner.succeed(command("rm", "--force", "--volumes", container))
    }
    do {
      let result = try await body { path in
        let copy = try await runner.run(command("cp", "\(container):\(path)", "-"))
        return copy.status == 0 ? Self.rows(inArchive: copy.output) : []
      }
      try await remove()
      return result
    } catch {
      try? await remove()
      throw error
    }
  }

  /// The lines of the first file of a tar archive (POSIX.1-2001, pax), which are parted at colons.
  static func rows(inArchive text: String) -> [[String]] {
    let (block, bytes) = (512, Array(text.utf8))
    var start = 0
    while start + block <= bytes.count {
      let digits = bytes[start + 124..<start + 136].filter { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return [] }
      let content = start + block
      // What stands before a file and says more of it is an entry too.
      if [0, UInt8(ascii: "0")].contains(bytes[start + 156]) {
        return String(decoding: bytes[content..<min(content + size, bytes.count)], as: UTF8.self)
          .split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
      }
      start = content + (size + block - 1) / block * block
    }
    return []
  }
}
