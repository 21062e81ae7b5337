import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("packages and refusals in the system scope")
  struct SystemRefusalTests {
    init() throws { try BootedHost.require() }

    @Test("a missing package is installed, and the distribution's own service of it neither runs nor is enabled")
    func package() async throws {
      #expect(!FileManager.default.fileExists(atPath: "/usr/bin/icecast2"))
      let before = try await SystemScopeTests.picture()
      let run = try await Person.root.berth("install", "icecast", "--json")
      try #require(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("icecast2"), "says what it installs: \(run.errors)")
      #expect(try ServerClient.http(port: try run.json().port, path: "/status-json.xsl").contains("200 OK"))
      #expect(try await BootedHost.output("systemctl", "is-active", "icecast2.service") != "active")
      #expect(try await BootedHost.output("systemctl", "is-enabled", "icecast2.service") != "enabled")
      // Only what forbids a package to start its service was in the way, and only as long as that.
      #expect(!FileManager.default.fileExists(atPath: "/usr/sbin/policy-rc.d"))

      #expect(try await Person.root.berth("remove", "icecast", "--yes").status == 0)
      let left = try await SystemScopeTests.picture().added(to: before)
      #expect(left.filter { !$0.contains("icecast2") && !$0.hasPrefix("icecast:x:") } == [])
      #expect(
        try await BootedHost.output("dpkg-query", "--show", "--showformat=${db:Status-Status}", "icecast2")
          == "installed")
    }

    @Test(
      "an installation that fails leaves no user, unit, folder, row or port", arguments: ["exit 3", "die qq(no map)"])
    func failure(perl: String) async throws {
      try await BootedHost.withPlugins { plugins in
        try Plugin.put("failing", in: plugins, perl: perl, extra: "    ready: { udp: game, timeout: 5s }")
        let before = try await SystemScopeTests.picture()
        let run = try await Person.root.with(plugins: plugins).berth("install", "failing", "--json")
        #expect(run.status == 70)
        #expect(try run.failure()["code"].text == "not-ready")
        #expect(try await SystemScopeTests.picture().added(to: before) == [])
        #expect(
          try await BootedHost.output("systemctl", "list-units", "--all", "--plain", "--no-legend", "failing@*") == "")
      }
    }

    @Test("a unit name that the distribution ships is refused, and nothing is changed")
    func foreignUnit() async throws {
      try await BootedHost.withPlugins { plugins in
        let unit = "/usr/lib/systemd/system/foo@.service"
        try "[Service]\nExecStart=/usr/bin/true\n".write(toFile: unit, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: unit) }
        try Plugin.put("foo", in: plugins, perl: "sleep 1 while 1")
        let before = try await SystemScopeTests.picture()
        let run = try await Person.root.with(plugins: plugins).berth("install", "foo", "--json")
        #expect(run.status == 73)
        #expect(try run.failure()["code"].text == "unit-taken")
        #expect(try run.failure()["summary"].text?.contains(unit) == true)
        #expect(try await SystemScopeTests.picture().added(to: before) == [])
      }
    }

    @Test(
      "a person who is not root may not use the system scope",
      arguments: [["list"], ["install", "teeworlds"], ["host", "status"]])
    func notRoot(words: [String]) async throws {
      let run = try await Person.operator.berth(words + ["--scope", "system", "--json"])
      #expect(run.status == 77)
      #expect(run.output == "")
      #expect(try run.failure()["code"].text == "needs-root")
    }
  }
}
