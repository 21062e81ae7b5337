import BerthHost
import BerthKit
import Foundation

/// What one run of the program left.
public struct BerthRun: Sendable {
  public let words: [String]
  public let status: Int32
  public let output: String
  public let errors: String

  public init(words: [String], status: Int32, output: String, errors: String) {
    self.words = words
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// The JSON on stdout.
  public func json() throws -> JSON { try JSON(parsing: output) }

  /// The one JSON object on stderr, of a run with `--json`.
  public func failure() throws -> JSON {
    let line = errors.split(separator: "\n").last { $0.hasPrefix("{") } ?? "{}"
    return try JSON(parsing: String(line))
  }
}

/// The program under test: the one that was built beside the tests.
public enum BerthProgram {
  /// Its file.
  public static var path: String {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // Swift Testing runs either the test bundle itself or a helper of the toolchain's with the bundle as an argument.
    let candidates = [tests] + CommandLine.arguments
    let folders = candidates.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    return folders.map { "\($0)/berth" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "berth"
  }

  /// Runs it to its end with a clean environment.
  ///
  /// - Parameters:
  ///   - timeout: seconds after which it is ended, for what goes on by itself; nil for never.
  ///   - wrapper: a command that runs it, such as one that changes the user.
  ///   - program: a copy of it; the file itself when nil.
  public static func run(
    _ words: [String], environment: [String: String] = [:], timeout: Int? = nil, signal: String = "TERM",
    through wrapper: [String] = [], program: PublicProgram? = nil
  ) async throws -> BerthRun {
    let limit = timeout.map { ["timeout", "--signal=\(signal)", "\($0)"] } ?? []
    let line = wrapper + ["/usr/bin/env"] + assignments(environment) + limit + [program?.path ?? path] + words
    let result = try await SubprocessRunner().run(Command(line[0], Array(line.dropFirst())))
    return BerthRun(words: words, status: result.status, output: result.output, errors: result.errorOutput)
  }

  /// `env -i NAME=VALUE …`, so that nothing of the tests' own environment decides.
  private static func assignments(_ extra: [String: String]) -> [String] {
    let own = ProcessInfo.processInfo.environment
    var variables = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
    variables["HOME"] = own["HOME"] ?? "/root"
    variables["LD_LIBRARY_PATH"] = own["LD_LIBRARY_PATH"]
    for (name, value) in extra { variables[name] = value }
    return ["-i"] + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}

/// JSON as tests look at it: by key and index, failing softly to ``null``.
public enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  public init(parsing text: String) throws {
    self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
  }

  public subscript(key: String) -> JSON { if case .object(let object) = self { object[key] ?? .null } else { .null } }
  public subscript(index: Int) -> JSON {
    if case .list(let list) = self, list.indices.contains(index) { list[index] } else { .null }
  }
  public var text: String? { if case .text(let text) = self { text } else { nil } }
  public var integer: Int? { if case .number(let number) = self { Int(number) } else { nil } }
  public var list: [JSON] { if case .list(let list) = self { list } else { [] } }
  public var keys: [String] { if case .object(let object) = self { object.keys.sorted() } else { [] } }
}

extension JSON: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let boolean = try? container.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }
}
