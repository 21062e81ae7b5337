import BerthHost
import BerthKit
import Foundation

extension ForbiddenActs {
  /// What came of each act: `allowed`, or `refused` and why.
  public typealias Outcome = [String: String]

  /// An act that says something else than its line promises, and why it does.
  public typealias Exceptions = [String: String]

  /// Puts a plugin in place whose one service is the program, shut in but for some keys.
  ///
  /// - Parameter folder: a folder of plugins.
  public static func addPlugin(_ id: String = "acts", loosen keys: [String] = [], in folder: String) throws {
    let loosen = keys.isEmpty ? "" : "loosen: { \(keys.map { "\($0): shown by a test" }.joined(separator: ", ")) }"
    let yaml = """
      schema: 1
      id: \(id)
      name: Forbidden acts
      summary: Tries what it may not do
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      settings:
        witness: { type: string }
        key: { type: int }
      services:
        main:
          exec: ["{{programs.perl}}", "{{paths.config}}/acts.pl", "{{settings.witness}}", "{{settings.key}}", "{{paths.data}}"]
          stop: { grace: 2s }
          \(loosen)
      config:
        acts.pl: { format: template }
      backup: { data: { files: ["{{paths.data}}"], hot: true } }
      """
    try FileManager.default.createDirectory(atPath: "\(folder)/\(id)/files", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
    try script.write(toFile: "\(folder)/\(id)/files/acts.pl", atomically: true, encoding: .utf8)
  }

  /// Installs the plugin as an instance and gives what its service reports.
  ///
  /// - Parameter berth: runs the program in the scope under test.
  public static func outcome(
    of id: String = "acts", _ witness: HardeningWitness, berth: ([String]) async throws -> BerthRun
  ) async throws -> Outcome {
    let run = try await berth(["install", id, "--set", "witness=\(witness.name)", "--set", "key=\(witness.key)"])
    guard run.status == 0 else { throw Unfinished(description: run.errors) }
    var log = ""
    for _ in 0..<100 {
      log = try await berth(["logs", id, "--json", "--lines", "500"]).output
      let lines = try log.split(separator: "\n").compactMap { try JSON(parsing: String($0))["message"].text }
      if lines.contains("ACT done") { return parse(lines) }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Unfinished(description: "the service did not come to its end: \(log)")
  }

  /// What the same program reports with nothing to hold it: run as root by the test itself.
  public static func control(_ witness: HardeningWitness) async throws -> Outcome {
    // No process has ambient capabilities by itself.
    let words = ["--inh-caps=+chown", "--ambient-caps=+chown", "perl", witness.script]
    let output = try await SubprocessRunner().succeed(
      Command("setpriv", words + [witness.name, "\(witness.key)", witness.data, "once"]))
    return parse(output.split(separator: "\n").map(String.init))
  }

  /// Everything that is wrong with what a service reported; nothing when each line of its unit did what it is for.
  ///
  /// - Parameters:
  ///   - unit: the text of the unit as it was rendered.
  ///   - exceptions: acts whose line cannot act here; each must still be allowed, so that the list stays true.
  public static func problems(with outcome: Outcome, unit: String, exceptions: Exceptions) -> [String] {
    var problems: [String] = []
    for key in keys(in: unit) {
      let acts = outcome.filter { $0.key.hasPrefix("\(key).") }.sorted { $0.key < $1.key }
      if acts.isEmpty { problems.append("\(key): no act tries it") }
      for (act, said) in acts {
        let isMeant = key == "BindPaths" || exceptions[act] != nil ? said == "allowed" : said.hasPrefix("refused ")
        if !isMeant { problems.append("\(act): \(said)") }
      }
    }
    return problems
  }

  /// The keys in a unit that shut its service in.
  static func keys(in unit: String) -> [String] {
    // RemoveIPC is seen only after the service's end; SystemCallErrorNumber is how the others refuse.
    let known =
      HardeningKey.allCases.filter { $0 != .removeIPC }.map(\.rawValue) + ["TemporaryFileSystem", "BindPaths"]
    return known.filter { key in unit.split(separator: "\n").contains { $0.hasPrefix("\(key)=") } }
  }

  /// The service could not be made to report.
  public struct Unfinished: Error, CustomStringConvertible { public let description: String }

  private static func parse(_ lines: [String]) -> Outcome {
    let words = lines.map { $0.split(separator: " ", maxSplits: 2).map(String.init) }.filter {
      $0.count == 3 && $0[0] == "ACT"
    }
    return Dictionary(words.map { ($0[1], $0[2]) }, uniquingKeysWith: { _, last in last })
  }
}

extension ForbiddenActs {
  /// Lines that a person's manager cannot carry out, each with the reason.
  public static let exceptionsOfPerson = ["ProtectProc.others": "a person may not mount /proc anew"]
}
