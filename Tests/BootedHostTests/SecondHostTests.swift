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

    @Test("seed 000, scenario B: one media stack on each of two hosts, of which each knows its own alone")
    func stacks() async throws {
      let image = "localhost/berth-test/jellyfin:1"
      let install = [
        "install", "media-stack", "--set", "jellyfin-image=\(image)", "--set", "radarr=false", "--set", "sonarr=false",
        "--set", "prowlarr=false", "--set", "qbittorrent=false", "--json", "--instance-name",
      ]
      try await Containers.load(port: 8096, as: image)
      try await SecondHost.with { second in
        try await second.run(Containers.importing(port: 8096, as: image))
        let here = try await Person.root.berth(install + ["Family"])
        let there = try await second.berth(install + ["Personal"])
        try #require(here.status == 0 && there.status == 0, "\(here.errors) \(there.errors)")
        let ports = try [here, there].map { try #require(try $0.json()["ports"].list.first?["port"].integer) }
        #expect(ports == [8096, 8096])
        #expect(try await Containers.answer(ports[0]) == "1")
        #expect(try await second.run(["curl", "--silent", "--fail", "http://127.0.0.1:8096/version"]) == "1")
        #expect(try await second.run(["podman", "ps", "--format", "{{.Names}}"]) == "media-stack_personal_jellyfin")
        #expect(
          try await second.berth(["list", "--json"]).json().list.map { $0["instance_name"].text } == ["Personal"])
        #expect(
          try await Person.root.berth("list", "--json").json().list.map { $0["instance_name"].text } == ["Family"])
        #expect(try await Person.root.berth("remove", "media-stack", "--yes").status == 0)
        // The other host's goes on.
        #expect(try await second.run(["curl", "--silent", "--fail", "http://127.0.0.1:8096/version"]) == "1")
        #expect(try await second.berth(["remove", "media-stack", "--yes"]).status == 0)
      }
      #expect(try await Containers.left() == [])
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
