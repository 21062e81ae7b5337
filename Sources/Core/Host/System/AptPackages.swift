import BerthKit
import Foundation

/// Debian's packages by `dpkg-query` and `apt-get`.
public struct AptPackages: PackageManager {
  /// Read by invoke-rc.d and deb-systemd-invoke before a package starts a service; 101 forbids it.
  private static let policy = "/usr/sbin/policy-rc.d"

  private let runner: any ProcessRunner
  private let files: any FileTree

  public init(runner: any ProcessRunner, files: any FileTree) {
    self.runner = runner
    self.files = files
  }

  public func missing(_ alternatives: [[String]]) async throws -> [[String]] {
    let installed = try await versions(of: alternatives.flatMap { $0 })
    return alternatives.filter { names in !names.contains { installed[$0] != nil } }
  }

  public func version(of alternatives: [[String]]) async throws -> String? {
    guard let first = alternatives.first else { return nil }
    let installed = try await versions(of: first)
    return first.compactMap { installed[$0] }.first.map(Self.upstream)
  }

  public func installLine(_ alternatives: [[String]]) async -> String {
    let known = (try? await choose(alternatives)) ?? []
    // Where apt has no package lists yet it knows none of them.
    let names = known.count == alternatives.count ? known : alternatives.compactMap(\.first)
    return "apt-get install \(names.joined(separator: " "))"
  }

  public func install(_ alternatives: [[String]]) async throws {
    var names = try await choose(alternatives)
    if names.count < alternatives.count {
      _ = try await runner.run(Command("apt-get", ["update", "--quiet"]))
      names = try await choose(alternatives)
    }
    guard names.count == alternatives.count else {
      throw BerthError.packagesFailed(
        alternatives.compactMap(\.first), "no alternative of some package is known to apt")
    }
    let isOurPolicy = !files.exists(Self.policy)
    if isOurPolicy { try files.write("#!/bin/sh\nexit 101\n", to: Self.policy, mode: 0o755, owner: nil, anchor: nil) }
    defer { if isOurPolicy { try? files.remove(Self.policy) } }
    let result = try await runner.runToItsEnd(
      Command(
        "apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", "--"] + names,
        environment: ["DEBIAN_FRONTEND": "noninteractive"]))
    guard result.status == 0 else { throw BerthError.packagesFailed(names, String(result.errorOutput.suffix(2000))) }
    // The distribution's own services would take the ports at the next boot.
    let listing = try await runner.runToItsEnd(Command("dpkg-query", ["--listfiles"] + names)).output
    let units = listing.split(separator: "\n").filter { $0.contains("/systemd/system/") && $0.hasSuffix(".service") }
      .compactMap { $0.split(separator: "/").last.map(String.init) }.filter { !$0.contains("@") }
    guard !units.isEmpty else { return }
    _ = try await runner.runToItsEnd(Command("systemctl", ["disable", "--now", "--quiet", "--"] + units))
  }

  /// The first alternative of each list that apt can install; a list of which none can is left out.
  private func choose(_ alternatives: [[String]]) async throws -> [String] {
    let all = alternatives.flatMap { $0 }
    let output = try await runner.run(Command("apt-cache", ["policy", "--"] + all)).output
    var candidates: Set<String> = []
    var current = ""
    for line in output.split(separator: "\n") {
      if !line.hasPrefix(" "), line.hasSuffix(":") { current = String(line.dropLast()) }
      if line.hasPrefix("  Candidate:"), !line.hasSuffix("(none)") { candidates.insert(current) }
    }
    return alternatives.compactMap { names in names.first(where: candidates.contains) }
  }

  private func versions(of names: [String]) async throws -> [String: String] {
    guard !names.isEmpty else { return [:] }
    let format = "${Package} ${db:Status-Status} ${Version}\n"
    let output = try await runner.run(Command("dpkg-query", ["--show", "--showformat=\(format)", "--"] + names)).output
    var versions: [String: String] = [:]
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 3, words[1] == "installed" { versions[String(words[0])] = String(words[2]) }
    }
    return versions
  }

  /// `1:0.7.5-2+b1` is `0.7.5` to a person (deb-version(7)).
  static func upstream(_ version: String) -> String {
    let epochless = version.split(separator: ":", maxSplits: 1).last ?? ""
    let upstream = epochless.lastIndex(of: "-").map { epochless[..<$0] } ?? epochless
    return upstream.split(separator: "+").first.map(String.init) ?? version
  }
}
