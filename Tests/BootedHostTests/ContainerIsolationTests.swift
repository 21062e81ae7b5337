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
    ///
    /// - Parameters:
    ///   - isUser: whether it runs as the instance's user instead.
    ///   - mounts: the folder.
    private static func put(
      _ id: String, _ engine: String, in folder: String, user isUser: Bool = false,
      mounts: String = "/box: \"{{paths.data}}/box\"", extra: String = ""
    ) throws {
      let user = "{{instance.uid}}:{{instance.gid}}"
      let form =
        engine == "docker"
        ? "compose: compose.yaml\n    env: { OWNER: \"\(user)\" }"
        : "container: { image: \"\(image)\"\(isUser ? ", user: \"\(user)\"" : "") }"
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
            mounts: { \(mounts) }
            stop: { grace: 2s }
            ready: { http: { port: http, path: /health }, timeout: 30s }
            \(extra)
        backup: { data: { files: ["{{paths.data}}"], hot: true } }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/\(id)/files", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
      let text = "services:\n  main:\n    image: \(image)\n\(isUser ? "    user: ${OWNER}\n" : "")"
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

    /// The acts that a program in an instance's container could do, by name.
    private func done(_ engine: String, inside container: String) async throws -> Set<String> {
      var names: Set<String> = []
      for (user, acts) in Dictionary(grouping: ContainerAct.all, by: \.user) {
        let words = ["exec"] + (user.map { ["--user", $0] } ?? []) + [container] + ContainerAct.script(acts)
        let output = try await SubprocessRunner().succeed(Command(engine, words))
        names.formUnion(output.split(separator: "\n").map(String.init))
      }
      return names
    }

    /// The same in containers that have the engine's own defaults and nothing of Berth's.
    private func control(_ engine: String, box: String) async throws -> Set<String> {
      var names: Set<String> = []
      let groups = Dictionary(grouping: ContainerAct.all) {
        ($0.user.map { ["--user=\($0)"] } ?? []) + ($0.needs[engine] ?? [])
      }
      for (options, acts) in groups {
        let words = ["run", "--rm", "--volume=\(box):/box"] + options + [Self.image] + ContainerAct.script(acts)
        let output = try await SubprocessRunner().succeed(Command(engine, words))
        names.formUnion(output.split(separator: "\n").map(String.init))
      }
      return names
    }

    private func acts(_ engine: String) async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await BootedHost.run("load-image", engine, "web-1", Self.image)
        try Self.put("shut", engine, in: plugins)
        let instance = try await root.install("shut")
        let box = "\(try #require(instance["dir"].text))/data/box"
        try await Self.fill(box)
        #expect(try await done(engine, inside: "shut_default") == [], "\(engine)")
        // What the kernel says of its first process.
        let status = try await BootedHost.output(engine, "exec", "shut_default", "/usr/bin/cat", "/proc/1/status")
        for (key, value) in [
          ("CapBnd", "0000000000000000"), ("CapEff", "0000000000000000"), ("NoNewPrivs", "1"), ("Seccomp", "2"),
        ] {
          #expect(status.split(separator: "\n").contains("\(key):\t\(value)"), "\(engine): \(status)")
        }
        try await limits(engine)
        let mounts = try await BootedHost.output(engine, "exec", "shut_default", "/usr/bin/cat", "/proc/mounts")
        try check(mounts, engine)
        #expect(try await root.berth("remove", "shut", "--all", "--yes").status == 0)

        let other = "/var/tmp/berth-box-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: other) }
        try await Self.fill(other)
        let control = try await control(engine, box: other)
        #expect(Set(ContainerAct.all.map(\.name)).subtracting(control) == [], "without Berth's lines, \(engine)")
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
      #expect(try Set(options("/box")).isSuperset(of: ["nosuid", "nodev"]), "\(engine): \(mounts)")
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

    /// A copy of a program with the bit for its owner, as the whole attack is done.
    private static let attack = "cp /usr/bin/perl /static/run; chmod 4755 /static/run"

    private func statics(_ engine: String) async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try await BootedHost.run("load-image", engine, "web-1", Self.image)
        try Self.put(
          "wall", engine, in: plugins, user: true, mounts: "/static: \"/var/www/wall_{{instance.slug}}_static\"")
        _ = try await root.install("wall")
        let folder = "/var/www/wall_default_static"
        let user = try await BootedHost.output("stat", "--format=%u:%g", folder)
        // What another user of the host becomes by running what lies there.
        func becomes() async throws -> String {
          try await BootedHost.output("runuser", "-u", "operator", "--", "\(folder)/run", "-e", "print $>")
        }
        let shell = ["/bin/sh", "-c", Self.attack]
        let inside = try await SubprocessRunner().run(Command(engine, ["exec", "wall_default"] + shell))
        #expect(inside.status != 0)
        #expect(try await becomes() == "1000", "\(engine)")
        for (words, number) in [(["--user=\(user)"], String(user.prefix { $0 != ":" })), ([], "0")] {
          try FileManager.default.removeItem(atPath: "\(folder)/run")
          let plain = ["run", "--rm", "--volume=\(folder):/static"] + words + [Self.image] + shell
          let control = try await SubprocessRunner().run(Command(engine, plain))
          #expect(control.status == 0, "\(control.errorOutput)")
          #expect(try await becomes() == number, "without Berth's lines, \(engine)")
        }
        #expect(try await root.berth("remove", "wall", "--all", "--yes").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
      }
    }

    @Test("what a container puts into a folder of the web proxy's runs as whoever starts it, and as its owner without")
    func statics() async throws {
      try await statics("podman")
      #expect(try await Containers.left() == [])
      try await Hospitals.withDocker { try await statics("docker") }
    }

    @Test(
      "neither bits nor devices count in what Docker mounts of an instance, read-only too, and both do where it mounts the path"
    )
    func mounted() async throws {
      try await Hospitals.withDocker {
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          try await BootedHost.run("load-image", "docker", "web-1", Self.image)
          try Self.put(
            "shut", "docker", in: plugins,
            mounts: "/box: \"{{paths.data}}/box\", /again: { from: \"{{paths.data}}/box\", mode: ro }, /store: store",
            extra: "loosen: { no-new-privileges: it becomes another user }")
          let instance = try await root.install("shut")
          let data = "\(try #require(instance["dir"].text))/data"
          try await Self.fill("\(data)/box")
          try await BootedHost.run("mknod", "--mode=666", "\(data)/box/null", "c", "1", "3")
          // As far as the rights of files go, everybody may.
          try await BootedHost.run("chmod", "755", "\(data)/box")
          func done(_ words: [String], in folder: String) async throws -> [String] {
            let acts = [
              ["\(folder)/\(ContainerAct.setuidProgram)", "-e", "exit($> == 0 ? 0 : 1)"],
              ["/usr/bin/sh", "-c", ": < \(folder)/null"],
            ]
            var done: [String] = []
            for (name, act) in zip(["bit", "device"], acts)
            where try await SubprocessRunner().run(Command("docker", words + act)).status == 0 { done.append(name) }
            return done
          }
          let inside = ["exec", "--user=12345:12345", "shut_default"]
          for folder in ["/box", "/again"] { #expect(try await done(inside, in: folder) == [], "\(folder)") }
          let mounts = try await BootedHost.output("docker", "exec", "shut_default", "/usr/bin/cat", "/proc/mounts")
          for folder in ["/box", "/again", "/store"] {
            let line = try #require(mounts.split(separator: "\n").first { $0.contains(" \(folder) ") })
            let options = Set(line.split(separator: " ")[3].split(separator: ","))
            #expect(options.isSuperset(of: ["nosuid", "nodev", folder == "/again" ? "ro" : "rw"]), "\(line)")
          }
          let plain = ["run", "--rm", "--user=12345:12345", "--volume=\(data)/box:/box", Self.image]
          #expect(try await done(plain, in: "/box") == ["bit", "device"])
          #expect(try await root.berth("stop", "shut").status == 0)
          #expect(try Self.pins() == [])
          #expect(try await root.berth("remove", "shut", "--all", "--yes").status == 0)
        }
      }
    }

    /// What is mounted or lies where units of the system scope pin what they mount.
    static func pins() throws -> [String] {
      let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8).split(separator: "\n")
        .map(String.init).filter { $0.contains("/run/berth/mounts/") || $0.contains("/run/berth/static/") }
      let folders = ["mounts", "static"].flatMap {
        (try? FileManager.default.contentsOfDirectory(atPath: "/run/berth/\($0)")) ?? []
      }
      return mounts + folders
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
          let gained = try await done("podman", inside: "shut_default")
          #expect(gained == row.acts, "\(row.line)")
          #expect(try await root.berth("remove", "shut", "--all", "--yes").status == 0)
        }
      }
      #expect(try await Containers.left() == [])
    }
  }
}
