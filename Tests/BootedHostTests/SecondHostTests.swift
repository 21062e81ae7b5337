import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("Two hosts")
  struct TwoHosts {
    init() throws { try BootedHost.require() }

    @Test("a second host has an engine of its own, and the two reach each other")
    func reach() async throws {
      let image = "registry.invalid/berth-test/web:1"
      try await BootedHost.run("load-image", "podman", "web-1", image)
      try await SecondHost.with { second in
        // What the first one has loaded is not there.
        #expect(try await second.run("podman", "images", "--quiet") == "")
        try await second.run("load-image", "podman", "web-2", image)
        try await second.run("podman", "run", "--detach", "--rm", "--publish", "18080:8080", image)
        try await BootedHost.run(
          "podman", "run", "--detach", "--rm", "--name", "first", "--publish", "18080:8080", image)
        let there = try await answer(second: nil, from: "http://\(SecondHost.address):18080/version")
        let here = try await answer(second: second, from: "http://\(SecondHost.firstAddress):18080/version")
        try await BootedHost.run("podman", "rm", "--force", "first")
        #expect((here, there) == ("1", "2"))
        let list = try await second.berth("list", "--json")
        #expect(list.status == 0, "\(list.errors)")
      }
      try await BootedHost.run("podman", "rmi", image)
    }

    private func answer(second: SecondHost?, from address: String) async throws -> String {
      let words = [
        "curl", "--silent", "--show-error", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", address,
      ]
      let line = (second?.wrapper ?? []) + words
      return try await SubprocessRunner().succeed(Command(line[0], Array(line.dropFirst())))
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
