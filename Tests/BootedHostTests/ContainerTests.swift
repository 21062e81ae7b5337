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
        let kids = try await root.install(
          "web", "--instance-name", "Kids", "--set", "text=\(Self.hostile)", "--set", "env.OWN=\(Self.hostile)",
          "--set", "env.QUOTE=\"x", "--set", "env.BLANKS= a ", "--set", "env.own.dotted-name@main=", "--set",
          "env.ALL=7")
        let adults = try await root.install("web", "--instance-name", "Adults")
        #expect(kids["status"].text == "running" && kids["version"].text == "1")
        #expect(kids["images"]["main"]["reference"].text == "localhost/berth-test/web:1")
        #expect(kids["images"]["main"]["id"].text?.count == 64)
        let doctor = try await root.berth("doctor")
        #expect(doctor.status == 0, "\(doctor.output) \(doctor.errors)")
        #expect(try await Containers.answer(kids.port) == "1")
        #expect(try await Containers.answer(adults.port) == "1")
        #expect(try await Containers.left() == ["web_adults", "web_adults", "web_kids", "web_kids"])
        // Their ports are open on the host's loopback only, so that no container of another instance reaches them; one in a
        // network as Podman makes it does.
        let inspect = ["podman", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"]
        let address = try await SubprocessRunner().run(Command(inspect[0], Array(inspect.dropFirst()) + ["web_adults"]))
          .output.trimmingCharacters(in: .whitespacesAndNewlines)
        let look = ["busybox", "wget", "-q", "-T", "3", "-O", "-", "http://\(address):8080/version"]
        let inside = try await SubprocessRunner().run(Command("podman", ["exec", "web_kids"] + look))
        #expect(inside.status != 0 && inside.output == "", "\(address) \(inside.output)")
        let outside = try await SubprocessRunner().run(
          Command("podman", ["run", "--rm", "--network", "podman", "localhost/berth-test/web:1"] + look))
        #expect(outside.output.hasPrefix("1"), "\(outside.errorOutput)")
        // What a value holds is what the program gets, byte for byte.
        let folder = try #require(kids["dir"].text)
        let environment = try String(contentsOfFile: "\(folder)/data/config/environment", encoding: .utf8)
        let variables = environment.split(separator: "\0")
        #expect(variables.contains("TEXT=\(Self.hostile)"))
        for own in ["OWN=\(Self.hostile)", "QUOTE=\"x", "BLANKS= a ", "own.dotted-name=", "ALL=7"] {
          #expect(variables.contains { $0 == own }, "\(own) in \(variables)")
        }
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

    @Test("what a container keeps is backed up, comes back, and is in a copy")
    func backups() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18140)
        try await Containers.load("web-1", as: "localhost/berth-test/web:1")
        _ = try await root.install("web")
        try await BootedHost.run("podman", "exec", "web_default", "/usr/bin/touch", "/config/mark")
        #expect(try await root.berth("backup", "web").status == 0)
        try await BootedHost.run("podman", "exec", "web_default", "/usr/bin/rm", "/config/mark")
        let restore = try await root.berth("restore", "web", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        try await BootedHost.run("podman", "exec", "web_default", "/usr/bin/ls", "/config/mark")
        let clone = try await root.berth("clone", "web", "--instance-name", "Copy", "--json")
        #expect(clone.status == 0, "\(clone.errors)")
        #expect(try await Containers.answer(clone.json().port) == "1")
        try await BootedHost.run("podman", "exec", "web_copy", "/usr/bin/ls", "/config/mark")
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
          ("localhost/berth-test/none:1", 69, "the image 'localhost/berth-test/none:1' is not on this host"),
          ("localhost/berth-test/broken:1", 70, "this image is broken on purpose"),
          ("localhost/berth-test/sick:1", 70, "it answered 500"),
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
        try await eventually("the answer") { try await Containers.answer(instance.port) == "1" }
        // All that a reboot does to it, but for the kernel.
        try await BootedHost.run("systemctl", "stop", "web@default.target")
        try await eventually("the end of all containers") { try await Containers.left() == [] }
        try await BootedHost.run("systemctl", "daemon-reload")
        try await BootedHost.run("systemctl", "start", "multi-user.target")
        try await eventually("the answer") { try await Containers.answer(instance.port) == "1" }
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("what ships runs, in images that listen where the real ones do")
    func shipped() async throws {
      for (app, port) in [("jellyfin", 8096), ("radarr", 7878), ("sonarr", 8989), ("prowlarr", 9696)] {
        let image = "localhost/berth-test/\(app):1"
        try await Containers.load(port: port, as: image)
        let report = try await Person.root.install(app, "--set", "image=\(image)")
        #expect(report["status"].text == "running")
        #expect(try await Containers.answer(report.port) == "1", "\(app)")
        #expect(try await Person.root.berth("backup", app).status == 0)
        #expect(try await Person.root.berth("remove", app, "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("Transmission and qBittorrent from Debian run as themselves, with their settings where Berth says")
    func torrents() async throws {
      try await Containers.load("transmission", as: "localhost/berth-test/transmission:1")
      try await Containers.load("qbittorrent", as: "localhost/berth-test/qbittorrent:1")
      let films = try await Person.root.install(
        "transmission", "--set", "image=localhost/berth-test/transmission:1", "--instance-name", "Films")
      let secret = try await Person.root.berth("config", "get", "transmission", "password", "--reveal").output
        .trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(try await status("http://127.0.0.1:\(films.port)/transmission/rpc", user: "admin:\(secret)") == "409")
      #expect(try await status("http://127.0.0.1:\(films.port)/transmission/rpc", user: "admin:x") == "401")

      let series = try await Person.root.install(
        "qbittorrent", "--set", "image=localhost/berth-test/qbittorrent:1", "--port", "peer=47123")
      #expect(try await BootedHost.output("ss", "-Hltn", "sport = :47123").contains("0.0.0.0:47123"))
      let folder = try #require(series["dir"].text)
      let settings = "\(folder)/data/config/qBittorrent/qBittorrent.conf"
      #expect(try String(contentsOfFile: settings, encoding: .utf8).contains("Session\\Port=47123"))
      // It writes this file when it ends, and what Berth has changed is there all the same.
      #expect(try await Person.root.berth("config", "set", "qbittorrent", "--port", "peer=47124").status == 0)
      #expect(try await Person.root.berth("restart", "qbittorrent").status == 0)
      #expect(try String(contentsOfFile: settings, encoding: .utf8).contains("Session\\Port=47124"))
      for app in ["transmission", "qbittorrent"] {
        #expect(try await Person.root.berth("remove", app, "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test(
      "seed 000, scenario A: two media stacks on one host answer, and what is changed in one leaves the other alone")
    func twoStacks() async throws {
      var images: [String] = []
      for (app, port) in [("jellyfin", 8096), ("radarr", 7878), ("sonarr", 8989)] {
        try await Containers.load(port: port, as: "localhost/berth-test/\(app):1")
        images += ["--set", "\(app)-image=localhost/berth-test/\(app):1"]
      }
      let parts = images + ["--set", "prowlarr=false", "--set", "qbittorrent=false"]
      func install(_ name: String) async throws -> JSON {
        let run = try await Person.root.berth(
          ["install", "media-stack", "--instance-name", name, "--json"] + parts)
        try #require(run.status == 0, "\(run.errors)")
        return try run.json()
      }
      let family = try await install("Family")
      let personal = try await install("Personal")
      for stack in [family, personal] {
        #expect(stack["status"].text == "running")
        #expect(stack["services"].list.map { $0["name"].text } == ["jellyfin", "radarr", "sonarr"])
        for port in stack["ports"].list {
          #expect(try await Containers.answer(try #require(port["port"].integer)) == "1")
        }
      }
      // One tree in which a download becomes part of the library by a link.
      let folder = try #require(family["dir"].text)
      try await BootedHost.run("podman", "exec", "media-stack_family_radarr", "/usr/bin/touch", "/data/film")
      try await BootedHost.run(
        "podman", "exec", "media-stack_family_radarr", "/usr/bin/ln", "/data/film", "/data/library")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/data/media/library"))
      // The parts of one instance find each other by name, and nobody of the other.
      #expect(
        try await BootedHost.output(
          "podman", "exec", "media-stack_family_radarr", "/usr/bin/curl", "-f", "http://sonarr:8989/version") == "1")
      // One part can be stopped alone.
      #expect(
        try await Person.root.berth("stop", "media-stack", "--instance", "Family", "--service", "sonarr").status == 0)
      let stopped = try await Person.root.berth("status", "media-stack", "--instance", "Family", "--json").json()
      #expect(stopped["services"].list.map { $0["status"].text } == ["running", "running", "stopped"])
      #expect(
        try await Person.root.berth("start", "media-stack", "--instance", "Family", "--service", "sonarr").status == 0)
      let log = try await Person.root.berth("logs", "media-stack", "--instance", "Family", "--service", "sonarr").output
      #expect(log.contains("listens on port 8989") && !log.contains("listens on port 7878"))
      let other = try await picture(of: personal)
      #expect(
        try await Person.root.berth("config", "set", "media-stack", "sonarr=false", "--instance", "Family").status == 0)
      #expect(try await Person.root.berth("restart", "media-stack", "--instance", "Family").status == 0)
      #expect(try await Containers.left().filter { $0.contains("family_sonarr") } == [])
      #expect(try await picture(of: personal) == other)
      #expect(try await Person.root.berth("remove", "media-stack", "--all", "--yes").status == 0)
      #expect(try await Containers.left() == [])
    }

    /// The processes of an instance, and every file of its own with its content.
    private func picture(of instance: JSON) async throws -> [String] {
      let folder = try #require(instance["dir"].text)
      let id = try #require(instance["instance_id"].text)
      let files = try await BootedHost.output(
        "find", folder, "/etc/containers/systemd", "-type", "f", "-path", "*\(id)*")
      let texts = try files.split(separator: "\n").sorted().map {
        "\($0) \(try Data(contentsOf: URL(fileURLWithPath: String($0))).base64EncodedString())"
      }
      let status = try await Person.root.berth("status", "media-stack", "--instance", id, "--json").json()
      return texts
        + status["services"].list.map {
          "\($0["name"].text ?? "") \($0["status"].text ?? "") \($0["main_pid"].integer ?? 0)"
        }
    }

    private func status(_ address: String, user: String) async throws -> String {
      try await SubprocessRunner().run(
        Command(
          "curl", ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--user", user, address])
      ).output
    }
  }
}
