import BerthKit
import Glibc

/// Files over HTTP by `curl`, which every Debian has or can have, and which knows about proxies and certificates.
public struct CurlDownloads: Downloads {
  private let runner: any ProcessRunner
  private let program: String

  public init(runner: any ProcessRunner, program: String = "/usr/bin/curl") {
    self.runner = runner
    self.program = program
  }

  public func require() throws {
    guard access(program, X_OK) == 0 else { throw BerthError.noCurl() }
  }

  public func fetch(
    _ url: String, to path: String, atMost limit: Int64, progress: @escaping ByteProgress
  ) async throws {
    try require()
    let headers = "\(path).headers"
    defer { unlink(headers) }
    let command = Command(program, Self.arguments(url, path, headers: headers, limit: limit))
    let result = try await withThrowingTaskGroup(of: CommandResult?.self) { group in
      group.addTask { try await runner.run(command) }
      group.addTask {
        while true {
          try await Task.sleep(for: .milliseconds(200))
          guard let size = Self.size(of: path) else { continue }
          // Older versions ask only what the server says of it.
          guard size <= limit else { return nil }
          if let total = Self.length(in: headers) { try progress(min(size, total), total) }
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
    guard let result, Self.size(of: path) ?? 0 <= limit else { throw BerthError.downloadTooLarge(url, limit: limit) }
    guard result.status == 0 else { throw BerthError.downloadFailed(url, result.errorOutput) }
  }

  static func arguments(_ url: String, _ path: String, headers: String, limit: Int64) -> [String] {
    [
      // No settings of a person's, which come first or not at all.
      "--disable", "--fail", "--location", "--max-redirs", "5", "--proto", "=http,https", "--proto-redir",
      "=http,https", "--globoff", "--no-progress-meter", "--connect-timeout", "30", "--speed-limit", "1000",
      "--speed-time", "60", "--max-filesize", "\(limit)", "--dump-header", headers, "--output", path, "--url", url,
    ]
  }

  private static func size(of path: String) -> Int64? {
    var info = stat()
    return lstat(path, &info) == 0 ? Int64(info.st_size) : nil
  }

  /// What the last answer said of its length; those before it were redirections.
  private static func length(in headers: String) -> Int64? {
    guard let text = try? LinuxFileTree().read(headers) else { return nil }
    let line = text.lowercased().split(separator: "\r\n").last {
      $0.hasPrefix("content-length:") || $0.hasPrefix("http/")
    }
    guard let line, line.hasPrefix("content-length:") else { return nil }
    return Int64(line.dropFirst("content-length:".count).trimmingPrefix(" "))
  }
}
