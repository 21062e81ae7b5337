import Foundation

/// An instance that logs in the name of another one.
public enum Forger {
  /// The line that it writes.
  public static let line = "all players are banned"

  /// Puts a plugin in place with a service that says what it is, and forges a line when it is told whose.
  ///
  /// - Parameter folder: a folder of plugins.
  public static func addPlugin(in folder: String) throws {
    let yaml = """
      schema: 1
      id: mouth
      name: Mouth
      summary: Says things
      category: other
      version: "1"
      programs: { perl: [/usr/bin/perl] }
      settings:
        victim: { type: string, default: "" }
      services:
        main:
          exec:
            - "{{programs.perl}}"
            - -e
            - >-
              $| = 1; print qq(here I am\\n);
              system(qq($ARGV[0]/attack), q(log), qq(mouth\\@$ARGV[1]), qq(mouth\\@$ARGV[1].service), q(\(line))) if $ARGV[1];
              sleep 1 while 1
            - "{{paths.data}}"
            - "{{settings.victim}}"
          stop: { signal: SIGTERM, grace: 2s }
      backup: { data: { files: ["{{paths.data}}"], hot: true } }
      """
    try FileManager.default.createDirectory(atPath: "\(folder)/mouth", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(folder)/mouth/plugin.yaml", atomically: true, encoding: .utf8)
  }

  /// What the victim's and the forger's logs hold once the forger has done it.
  public static func logs(berth: ([String]) async throws -> BerthRun) async throws -> (victim: String, forger: String) {
    for words in [
      ["--instance-name", "Victim"], ["--instance-name", "Forger", "--set", "victim=default", "--no-start"],
    ] {
      let run = try await berth(["install", "mouth"] + words + ["--json"])
      guard run.status == 0 else { throw Unfinished(description: run.errors) }
      guard words.contains("--no-start"), let folder = try run.json()["dir"].text else { continue }
      // It is the instance's user who runs it, shut in as every service.
      try FileManager.default.copyItem(atPath: Attack.doors, toPath: "\(folder)/data/attack")
      chmod("\(folder)/data/attack", 0o755)
    }
    let start = try await berth(["start", "mouth", "--instance", "Forger"])
    guard start.status == 0 else { throw Unfinished(description: start.errors) }
    var forger = ""
    for _ in 0..<100 where !forger.contains(line) {
      try await Task.sleep(for: .milliseconds(100))
      forger = try await berth(["logs", "mouth", "--instance", "Forger", "--json"]).output
    }
    return (try await berth(["logs", "mouth", "--instance", "Victim", "--json"]).output, forger)
  }

  /// The plugin could not be made to do it.
  public struct Unfinished: Error, CustomStringConvertible { public let description: String }
}
