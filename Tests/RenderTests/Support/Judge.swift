import Foundation

/// A program of the host that judges what was rendered. It must be there: a missing judge fails the test.
enum Judge {
  struct Verdict {
    let status: Int32
    /// Both streams together.
    let output: String
  }

  /// Runs an argument vector, found on the search path, in a folder and with nothing but the given environment.
  static func run(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> Verdict {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Verdict(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// Gives a folder of its own to a body, and removes it afterwards.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "berth-render-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
