import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// The package holds the program that the tests were built with: not stripped, and with Swift's libraries beside it.
  @Suite("the Debian package")
  struct PackageTests {
    init() throws { try BootedHost.require() }

    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private func status() async throws -> String {
      try await BootedHost.output("dpkg-query", "--show", "--showformat=${db:Status-Status}", "berth")
    }

    @Test("it is installed, runs an instance by what it brings along, and leaves nothing when it is removed")
    func installed() async throws {
      let folder = "/var/tmp/berth-package-\(UUID().uuidString.prefix(8))"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let package = try await SubprocessRunner().succeed(
        Command("\(Self.checkout)/scripts/deb", ["--quick", BerthProgram.path, folder])
      ).trimmingCharacters(in: .whitespacesAndNewlines)
      let contents = try await BootedHost.output("dpkg-deb", "--contents", package)
      let paths = contents.split(separator: "\n").compactMap { $0.split(separator: " ").last.map { $0.dropFirst() } }
        .filter { !$0.hasSuffix("/") }.map(String.init)
      for path in [
        "/usr/bin/berth", "/usr/lib/berth/plugins.d/teeworlds/plugin.yaml", "/usr/share/man/man1/berth.1.gz",
        "/usr/share/bash-completion/completions/berth", "/usr/share/zsh/vendor-completions/_berth",
        "/usr/share/fish/vendor_completions.d/berth.fish", "/usr/share/doc/berth/copyright",
        "/usr/share/berth/schema/plugin.schema.json", "/usr/share/berth/schema/fleet.schema.json",
      ] { #expect(paths.contains(path), "\(path)") }
      #expect(paths.filter { FileManager.default.fileExists(atPath: $0) } == [])

      try await BootedHost.run("dpkg", "--install", package)
      #expect(try await status() == "installed")
      func berth(_ words: String...) async throws -> CommandResult {
        try await SubprocessRunner().run(Command("/usr/bin/berth", words))
      }
      #expect(try await berth("--version").output == (try await BerthProgram.run(["--version"]).output))
      let apps = try JSON(parsing: try await berth("app", "list", "--json").output).list
      let origins = Set(apps.compactMap { $0["origin"].text }).subtracting(["built-in"])
      #expect(origins.contains("/usr/lib/berth/plugins.d/teeworlds"))
      #expect(origins.filter { !$0.hasPrefix("/usr/lib/berth/plugins.d/") } == [])
      let install = try await berth("install", "teeworlds")
      #expect(install.status == 0, "\(install.errorOutput)")
      #expect(try await BootedHost.output("systemctl", "cat", "teeworlds@default.service").contains("/usr/bin/berth"))
      #expect(try await berth("remove", "teeworlds", "--yes").status == 0)

      try await BootedHost.run("dpkg", "--purge", "berth")
      #expect(try await status() != "installed")
      #expect(paths.filter { FileManager.default.fileExists(atPath: $0) } == [])
      #expect(!FileManager.default.fileExists(atPath: "/usr/lib/berth"))
    }
  }
}
