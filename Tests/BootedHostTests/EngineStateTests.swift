import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("containers that are no use, or somebody else's")
  struct EngineStateTests {
    init() throws { try BootedHost.require() }

    private static let image = "localhost/berth-test/web:1"

    @Test("a paused container is blocked, and somebody's own container of the name is left alone")
    func podman() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await Containers.load("web-1", as: Self.image)
        try Containers.put("web", in: plugins, port: 18400)
        try await BootedHost.run("podman", "create", "--name", "web_kids", Self.image)
        let refused = try await root.berth("install", "web", "--instance-name", "Kids", "--json")
        #expect(refused.status == 73)
        #expect(try refused.failure()["code"].text == "container-taken", "\(refused.errors)")
        #expect(try await root.berth("list", "--json").json().list == [])
        #expect(try await Containers.left() == ["web_kids"])
        try await BootedHost.run("podman", "rename", "web_kids", "mine")
        _ = try await root.install("web", "--instance-name", "Kids")
        #expect(try await root.berth("status", "web", "--json").json()["status"].text == "running")
        try await BootedHost.run("podman", "pause", "web_kids")
        let paused = try await root.berth("list", "--json").json()
        #expect(paused[0]["status"].text == "blocked" && paused[0]["remedy"].text == "podman unpause web_kids")
        #expect(try await root.berth("doctor").output.contains("web_kids is paused"))
        try await BootedHost.run("podman", "unpause", "web_kids")
        #expect(try await root.berth("list", "--json").json()[0]["status"].text == "running")
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
        #expect(try await Containers.left() == ["mine"])
        try await BootedHost.run("podman", "rm", "mine")
      }
    }

    @Test("a container whose health check fails has failed")
    func unhealthy() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await Containers.load("web-1", as: Self.image)
        try Containers.put(
          "web", in: plugins, port: 18410,
          ready: "exec: [/usr/bin/busybox, test, '!', -e, /config/sick]")
        let instance = try await root.install("web")
        #expect(instance["status"].text == "running")
        let folder = try #require(instance["dir"].text)
        try Data().write(to: URL(fileURLWithPath: "\(folder)/data/config/sick"))
        var status: String?
        for _ in 0..<60 where status != "failed" {
          try await Task.sleep(for: .seconds(1))
          status = try await root.berth("status", "web", "--json").json()["status"].text
        }
        #expect(status == "failed")
        #expect(try await root.berth("doctor").output.contains("web_default is unhealthy"))
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("instances of Docker Compose come back with Docker, and those that are disabled do not")
    func docker() async throws {
      try await Hospitals.withDocker {
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          try await Hospitals.load("web-1", as: Self.image)
          try Self.put("desk", in: plugins)
          for name in ["Kids", "Adults"] { _ = try await root.install("desk", "--instance-name", name) }
          #expect(try await root.berth("disable", "desk", "--instance", "Adults").status == 0)
          try await BootedHost.run("systemctl", "stop", "docker.service", "docker.socket")
          func status(_ name: String) async throws -> String? {
            try await root.berth("status", "desk", "--instance", name, "--json").json()["status"].text
          }
          #expect(try await status("Kids") == "stopped")
          try await BootedHost.run("systemctl", "start", "docker.service")
          var kids: String?
          for _ in 0..<60 where kids != "running" {
            try await Task.sleep(for: .seconds(1))
            kids = try await status("Kids")
          }
          #expect(kids == "running")
          #expect(try await status("Adults") == "stopped")
          #expect(try await root.berth("remove", "desk", "--all", "--yes").status == 0)
          let links = "/etc/systemd/system/docker.service.wants"
          #expect(((try? FileManager.default.contentsOfDirectory(atPath: links)) ?? []) == [])
        }
      }
    }

    @Test("beside Docker, the doctor's lines let an instance of Podman's reach other hosts")
    func forwards() async throws {
      try await Hospitals.withDocker {
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          try await Containers.load("web-1", as: Self.image)
          try Containers.put("web", in: plugins, port: 18430)
          // Docker does so where it is the first to have the kernel pass anything on.
          try await BootedHost.run("iptables", "--policy", "FORWARD", "DROP")
          _ = try await root.install("web")
          let found = try await root.berth("doctor", "--json").json().list.filter { $0["code"].text == "cut-off" }
          #expect(found.count == 1)
          let lines = (found.first?["remedy"].text ?? "").components(separatedBy: "; ").filter {
            $0.hasPrefix("iptables ")
          }
          #expect(lines.count >= 2)
          for line in lines {
            let words = line.split(separator: " ").map(String.init)
            try await SubprocessRunner().succeed(Command(words[0], Array(words.dropFirst())))
          }
          #expect(try await root.berth("doctor").output.contains("cut-off") == false)
          for line in lines {
            let words = line.replacing("-I", with: "-D").split(separator: " ").map(String.init)
            try await SubprocessRunner().succeed(Command(words[0], Array(words.dropFirst())))
          }
          #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
        }
      }
      #expect(try await Containers.left() == [])
    }

    private static func put(_ id: String, in folder: String) throws {
      let yaml = """
        schema: 1
        id: \(id)
        name: \(id)
        summary: Only for a test
        category: web
        version: "1"
        ports: { http: { protocol: tcp, default: 18420, bind: 127.0.0.1, target: 8080 } }
        services:
          main:
            compose: compose.yaml
            stop: { grace: 2s }
            ready: { http: { port: http, path: /health }, timeout: 30s }
        backup: { config: { files: ["{{paths.config}}"], hot: true } }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/\(id)/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
      try "services:\n  main:\n    image: \(image)\n"
        .write(toFile: "\(folder)/\(id)/files/compose.yaml", atomically: true, encoding: .utf8)
    }
  }
}
