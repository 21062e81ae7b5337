import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("what a program in a container may not do")
  struct ContainerIsolationTests {
    init() throws { try BootedHost.require() }

    private static let image = "localhost/berth-test/web:1"

    /// An app whose one container runs as the image's own user, which is root, with a folder of the instance's.
    private static func put(
      _ id: String, _ engine: String, in folder: String, extra: String = "", compose: String = ""
    ) throws {
      let form =
        engine == "docker"
        ? "compose: compose.yaml\n    mounts: { /box: \"{{paths.data}}/box\" }"
        : "container: { image: \"\(image)\" }\n    mounts: { /box: \"{{paths.data}}/box\" }"
      let yaml = """
        schema: 1
        id: \(id)
        name: \(id)
        summary: Only for a test
        category: web
        version: "1"
        ports: { http: { protocol: tcp, default: 18300, bind: 127.0.0.1, target: 8080 } }
        services:
          main:
            \(form)
            stop: { grace: 2s }
            ready: { http: { port: http, path: /health }, timeout: 30s }
            \(extra)
        backup: { box: { files: ["{{paths.data}}/box"], hot: true } }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/\(id)/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
      let text = "services:\n  main:\n    image: \(image)\n\(compose)"
      if engine == "docker" {
        try text.write(toFile: "\(folder)/\(id)/files/compose.yaml", atomically: true, encoding: .utf8)
      }
    }

    /// What the acts need in a folder: a file of root's own, a closed one, a program that runs as root, and a root.
    private static func fill(_ box: String) async throws {
      try await BootedHost.run(
        "sh", "-euc",
        """
        mkdir -p "$0/other"; : > "$0/own"; : > "$0/other/file"; chown -R 1234:1234 "$0/other"; chmod 700 "$0/other"
        chmod 600 "$0/other/file"; cp -L /usr/bin/perl "$0/\(ContainerAct.setuidProgram)"
        chmod 4755 "$0/\(ContainerAct.setuidProgram)"; chmod 711 "$0"; chown root "$0"
        """, box)
    }

    private func outcome(
      _ act: ContainerAct, _ engine: String, inside container: String
    ) async throws -> Bool {
      let user = act.user.map { ["--user", $0] } ?? []
      return try await SubprocessRunner().run(Command(engine, ["exec"] + user + [container] + act.words)).status == 0
    }

    /// The same act in a container that has the engine's own defaults and nothing of Berth's.
    private func control(_ act: ContainerAct, _ engine: String, box: String) async throws -> CommandResult {
      let user = act.user.map { ["--user", $0] } ?? []
      return try await SubprocessRunner().run(
        Command(
          engine,
          ["run", "--rm", "--volume=\(box):/box"] + user + (act.needs[engine] ?? []) + [Self.image] + act.words))
    }

    private func acts(_ engine: String) async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await BootedHost.run("load-image", engine, "web-1", Self.image)
        try Self.put("shut", engine, in: plugins)
        let instance = try await root.install("shut")
        let box = "\(try #require(instance["dir"].text))/data/box"
        try await Self.fill(box)
        for act in ContainerAct.all {
          let isDone = try await outcome(act, engine, inside: "shut_default")
          #expect(!isDone, "\(engine), \(act)")
        }
        // What the kernel says of its first process.
        let status = try await BootedHost.output(engine, "exec", "shut_default", "/usr/bin/cat", "/proc/1/status")
        for (key, value) in [("CapBnd", "0000000000000000"), ("CapEff", "0000000000000000"), ("NoNewPrivs", "1")] {
          #expect(status.split(separator: "\n").contains("\(key):\t\(value)"), "\(engine): \(status)")
        }
        try await limits(engine)
        let mounts = try await BootedHost.output(engine, "exec", "shut_default", "/usr/bin/cat", "/proc/mounts")
        try check(mounts, engine)
        #expect(try await root.berth("remove", "shut", "--all", "--yes").status == 0)

        let other = "/var/tmp/berth-box-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: other) }
        for act in ContainerAct.all {
          try await Self.fill(other)
          let result = try await control(act, engine, box: other)
          #expect(result.status == 0, "without Berth's lines, \(engine), \(act): \(result.errorOutput)")
        }
      }
    }

    /// The cgroups here may have no controller for processes or memory, so that what was asked for is looked at.
    private func limits(_ engine: String) async throws {
      if engine == "podman" {
        let shown = try await BootedHost.output(
          "systemctl", "show", "--property=TasksMax", "--property=MemoryMax", "shut@default.service")
        #expect(Set(shown.split(separator: "\n")) == ["TasksMax=512", "MemoryMax=2147483648"])
      } else {
        let text = try String(
          contentsOfFile: "/var/lib/berth/instances/shut/default/compose.berth.json", encoding: .utf8)
        #expect(text.contains(#""pids_limit" : 512"#) && text.contains(#""mem_limit" : 2147483648"#))
      }
    }

    private func check(_ mounts: String, _ engine: String) throws {
      func options(_ place: String) throws -> [Substring] {
        let line = try #require(
          mounts.split(separator: "\n").first { $0.split(separator: " ").dropFirst().first == Substring(place) },
          "\(place) is no mount: \(mounts)")
        return line.split(separator: " ")[3].split(separator: ",")
      }
      #expect(try options("/").contains("ro"))
      for place in ["/tmp", "/run", "/var/tmp"] {
        #expect(try Set(options(place)).isSuperset(of: ["rw", "nosuid", "nodev"]), "\(engine), \(place)")
      }
      // Docker has no words for it.
      if engine == "podman" { #expect(try Set(options("/box")).isSuperset(of: ["nosuid", "nodev"])) }
    }

    @Test("Podman: every line refuses the act that it is for, and the act succeeds without it")
    func podman() async throws {
      try await acts("podman")
      #expect(try await Containers.left() == [])
    }

    @Test("Docker Compose: every line refuses the act that it is for, and the act succeeds without it")
    func docker() async throws {
      try await Hospitals.withDocker { try await acts("docker") }
    }

    @Test(
      "root in a container that runs as the instance's user is nobody on the host, and root of it without the lines")
    func namespaces() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try Containers.put("web", in: plugins, port: 18320)
        try await Containers.load("web-1", as: Self.image)
        let instance = try await root.install("web")
        let open = "\(try #require(instance["dir"].text))/data/config/open"
        try await BootedHost.run("sh", "-euc", "mkdir \"$0\"; chmod 777 \"$0\"; chmod 711 \"$0/..\"", open)
        func owner(_ name: String) throws -> Int {
          try #require(FileManager.default.attributesOfItem(atPath: "\(open)/\(name)")[.ownerAccountID] as? Int)
        }
        try await BootedHost.run(
          "podman", "exec", "--user", "0", "web_default", "/usr/bin/touch", "/config/open/inside")
        #expect(try owner("inside") > 2_100_000_000)
        try await BootedHost.run(
          "podman", "run", "--rm", "--volume=\(open):/open", Self.image, "/usr/bin/touch", "/open/control")
        #expect(try owner("control") == 0)
        // What its own program makes is the instance's own.
        let own = try await BootedHost.output("stat", "--format=%U", "\(open)/../environment")
        #expect(own.hasPrefix("berth-"))
        #expect(try await root.berth("remove", "web", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("a line that a plugin loosens allows its own acts and no others, and the plan says why")
    func loosened() async throws {
      let rows: [(extra: String, line: String, acts: Set<String>)] = [
        ("capabilities: { CAP_CHOWN: it gives files away }", "CAP_CHOWN", ["gives a file away"]),
        (
          "loosen: { read-only: it writes where it is }", "read-only",
          [
            "writes into its image", "changes a program of its image",
          ]
        ),
        // Podman's own profile takes its place.
        (
          "loosen: { no-setuid: it makes programs for others }", "no-setuid",
          [
            "makes a namespace in which it is root", "sets the bit for its user", "sets the bit for its group",
            "makes a file with the bit", "makes a pipe with the bit",
          ]
        ),
      ]
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await BootedHost.run("load-image", "podman", "web-1", Self.image)
        for row in rows {
          try Self.put("shut", "podman", in: plugins, extra: row.extra)
          let plan = try await root.berth("install", "shut", "--dry-run", "--json").json()
          #expect(plan["changes"].list.first?["weakenings"].list.map { $0["line"].text } == [row.line])
          let reason = String(row.extra.split(separator: ": ").last?.dropLast(2) ?? "")
          #expect(
            try await root.berth("install", "shut", "--dry-run").output.contains("\(row.line) loosened: \(reason)"))
          let instance = try await root.install("shut")
          try await Self.fill("\(try #require(instance["dir"].text))/data/box")
          var gained: Set<String> = []
          for act in ContainerAct.all where try await outcome(act, "podman", inside: "shut_default") {
            gained.insert(act.name)
          }
          #expect(gained == row.acts, "\(row.line)")
          #expect(try await root.berth("remove", "shut", "--all", "--yes").status == 0)
        }
      }
      #expect(try await Containers.left() == [])
    }
  }
}
