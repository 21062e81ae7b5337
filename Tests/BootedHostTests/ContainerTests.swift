import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("apps in containers")
  struct ContainerTests {
    init() throws { try BootedHost.require() }

    private static let hostile = #"a "b" 'c' $HOME ${X} #d %i \e; `f`"#

    private static func picture() async throws -> HostPicture {
      try await .take(of: HostPicture.systemFolders + ["/etc/containers/systemd"], .root)
    }

    @Test("two instances of an app run side by side, each as its own user on its own port, and leave nothing")
    func sideBySide() async throws {
      let before = try await Self.picture()
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18100)
        try await Containers.load("web-1", as: "localhost/berth-test/web:1")
        let kids = try await root.install("web", "--instance-name", "Kids", "--set", "text=\(Self.hostile)")
        let adults = try await root.install("web", "--instance-name", "Adults")
        #expect(kids["status"].text == "running" && kids["version"].text == "1")
        #expect(try await Containers.answer(kids.port) == "1")
        #expect(try await Containers.answer(adults.port) == "1")
        #expect(try await Containers.left() == ["web_adults", "web_adults", "web_kids", "web_kids"])
        // What a value holds is what the program gets, byte for byte.
        let folder = try #require(kids["dir"].text)
        let environment = try String(contentsOfFile: "\(folder)/data/config/environment", encoding: .utf8)
        #expect(environment.split(separator: "\0").contains("TEXT=\(Self.hostile)"))
        let files = FileManager.default
        let owners = try ["data", "data/config/environment"].map {
          try files.attributesOfItem(atPath: "\(folder)/\($0)")[.ownerAccountName] as? String
        }
        #expect(owners[0] == owners[1] && owners[0]?.hasPrefix("berth-") == true)
        #expect(try files.attributesOfItem(atPath: "\(folder)/container.env")[.posixPermissions] as? Int == 0o600)

        // One is changed and the other does not notice.
        let other = try await root.berth("status", "web", "--instance", "Adults", "--json").json()
        #expect(try await root.berth("config", "set", "web", "text=new", "--instance", "Kids").status == 0)
        #expect(
          try await root.berth("status", "web", "--instance", "Adults", "--json").json()["services"]
            == other["services"])
        #expect(try await root.berth("stop", "web", "--instance", "Kids").status == 0)
        #expect(try await Containers.answer(kids.port) == nil)
        #expect(try await Containers.left() == ["web_adults", "web_adults"])
        #expect(try await root.berth("start", "web", "--instance", "Kids").status == 0)
        #expect(try await root.log("web", until: "listens on port").contains("web 1 listens on port 8080"))
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Self.picture().added(to: before) == [])
      #expect(try await Containers.left() == [])
    }

    @Test("an update runs the image that has come since, and goes back when that one fails")
    func update() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        let image = "localhost/berth-test/web:1"
        try Containers.put("web", in: plugins, port: 18110)
        try await Containers.load("web-1", as: image)
        let instance = try await root.install("web")
        try await Containers.load("web-2", as: image)
        #expect(try await Containers.answer(instance.port) == "1")
        #expect(try await root.berth("restart", "web").status == 0)
        #expect(try await Containers.answer(instance.port) == "1")
        #expect(try await root.berth("update", "web", "--check").status == 1)
        #expect(try await root.berth("update", "web").status == 0)
        #expect(try await Containers.answer(instance.port) == "2")

        try await Containers.load("broken", as: image)
        let run = try await root.berth("update", "web", "--json")
        #expect(run.status == 70)
        #expect(run.errors.contains("this image is broken on purpose"), "\(run.errors)")
        #expect(try await Containers.answer(instance.port) == "2")
        #expect(try await root.berth("status", "web", "--json").json()["status"].text == "running")
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("an image that is not there, ends at once or never gets well is an error, and leaves nothing")
    func badImages() async throws {
      let before = try await Self.picture()
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18120)
        try await Containers.load("broken", as: "localhost/berth-test/broken:1")
        try await Containers.load("sick", as: "localhost/berth-test/sick:1")
        let cases = [
          ("registry.invalid/berth-test/none:1", 69, "the image 'registry.invalid/berth-test/none:1' cannot be had"),
          ("localhost/berth-test/none:1", 70, "localhost/berth-test/none:1"),
          ("localhost/berth-test/broken:1", 70, "this image is broken on purpose"),
          ("localhost/berth-test/sick:1", 70, "which says 500"),
        ]
        for (image, status, says) in cases {
          let run = try await root.berth("install", "web", "--set", "image=\(image)")
          #expect(run.status == status, "\(image): \(run.errors)")
          #expect(run.errors.contains(says), "\(image): \(run.errors)")
          #expect(try await Containers.left() == [])
        }
      }
      #expect(try await Self.picture().added(to: before) == [])
    }

    @Test("a program in the container can say when it is ready, and what is killed comes again, also after a reboot")
    func comesAgain() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Containers.put(
          "web", in: plugins, port: 18130, ready: #"exec: [/usr/bin/curl, "-f", "http://localhost:8080/health"]"#)
        try await Containers.load("web-1", as: "localhost/berth-test/web:1")
        let instance = try await root.install("web")
        #expect(
          try await BootedHost.output("podman", "inspect", "web_default", "--format", "{{.State.Health.Status}}")
            == "healthy")
        try await BootedHost.run("podman", "kill", "web_default")
        try await until { try await Containers.answer(instance.port) == "1" }
        // All that a reboot does to it, but for the kernel.
        try await BootedHost.run("systemctl", "stop", "web@default.target")
        try await until { try await Containers.left() == [] }
        try await BootedHost.run("systemctl", "daemon-reload")
        try await BootedHost.run("systemctl", "start", "multi-user.target")
        try await until { try await Containers.answer(instance.port) == "1" }
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("what ships runs, in images that listen where the real ones do")
    func shipped() async throws {
      try await Containers.load("web-1", as: "localhost/berth-test/web:1")
      try await Containers.load("transmission", as: "localhost/berth-test/transmission:1")
      let media = try await Person.root.install("jellyfin", "--set", "image=localhost/berth-test/web:1", "--no-start")
      #expect(media["status"].text == "stopped")
      let torrents = try await Person.root.install(
        "transmission", "--set", "image=localhost/berth-test/transmission:1", "--instance-name", "Films")
      #expect(torrents["status"].text == "running")
      let secret = try await Person.root.berth("config", "get", "transmission", "password", "--reveal").output
        .trimmingCharacters(in: .whitespacesAndNewlines)
      let port = try #require(torrents["ports"].list.first { $0["role"].text == "http" }?["port"].integer)
      let signedIn = try await SubprocessRunner().run(
        Command(
          "curl",
          [
            "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--user", "admin:\(secret)",
            "http://127.0.0.1:\(port)/transmission/rpc",
          ]))
      #expect(signedIn.output == "409")
      for app in ["jellyfin", "transmission"] {
        #expect(try await Person.root.berth("remove", app, "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    private func until(_ condition: () async throws -> Bool) async throws {
      for _ in 0..<120 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(250))
      }
      Issue.record("it did not come within 30 s")
    }
  }
}
