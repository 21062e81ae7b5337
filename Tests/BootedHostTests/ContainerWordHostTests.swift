import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// The words of containers and of files for Docker Compose, as the real engines take them.
  @Suite("words of containers")
  struct ContainerWordHostTests {
    init() throws { try BootedHost.require() }

    private static let hostile = #"a "b" 'c' $HOME ${X} #d %i \e; `f`"#

    private func write(_ text: String, _ path: String) throws {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Ends what runs in a service's container, as a program that crashes does.
    private func crash(_ engine: String, _ container: String) async throws {
      let pid = try await BootedHost.output(engine, "inspect", "--format", "{{.State.Pid}}", container)
      try await BootedHost.run("kill", "-KILL", pid)
    }

    private func answers(_ ports: Int...) async throws -> Bool {
      for port in ports {
        guard try await Containers.answer(port) == "1" else { return false }
      }
      return true
    }

    @Test(
      "Podman runs what the plugin says, in the folder and as the user that it names, in its networks and in another service's"
    )
    func podman() async throws {
      try await BootedHost.run("load-image", "podman", "web-1", "localhost/berth-test/words:1")
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try write(
          """
          schema: 1
          id: words
          name: Words
          summary: Only for a test
          category: web
          version: "1"
          settings:
            word: { type: string, default: plain }
          ports:
            http: { protocol: tcp, default: 8871, bind: 127.0.0.1, target: 8080, service: main }
            side: { protocol: tcp, default: 8872, bind: 127.0.0.1, target: 8081, service: side }
          services:
            main:
              container:
                image: localhost/berth-test/words:1
                user: "1234"
                group: 4321
                entrypoint: [/usr/bin/perl]
                exec: [/srv/server.pl, "{{settings.word}}"]
                workdir: /srv
                labels: { org.example.word: "{{settings.word}}" }
                tmpfs: ["/scratch:size=8m,mode=1777"]
                shm-size: 32M
                networks: { back: [desk], default: [front] }
              ready: { http: { port: http, path: /health }, timeout: 20s }
            side:
              container: { image: localhost/berth-test/words:1, network: main }
              env: { PORT: "8081" }
              depends-on: [main]
              stop: { grace: 2s }
              ready: { http: { port: side, path: /health }, timeout: 20s }
            other:
              container: { image: localhost/berth-test/words:1, networks: { back: } }
              env: { PORT: "8082" }
              stop: { grace: 2s }
          """, "\(plugins)/words/plugin.yaml")
        _ = try await root.install("words", "--set", "word=\(Self.hostile)")
        func inside(_ container: String, _ words: String...) async throws -> String {
          let result = try await SubprocessRunner().run(
            Command("podman", ["exec", "words_default\(container)"] + words))
          return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(try await inside("", "/usr/bin/id", "-u") == "1234")
        #expect(try await inside("", "/usr/bin/id", "-g") == "4321")
        #expect(try await inside("", "/usr/bin/pwd") == "/srv")
        let arguments = try await inside("", "/usr/bin/perl", "-0ne", "print qq($_\\n)", "/proc/1/cmdline")
        let last = String(arguments.split(separator: "\n").last ?? "").replacing("\0", with: "")
        #expect(last == Self.hostile)
        let label = try await BootedHost.output(
          "podman", "inspect", "--format", "{{index .Config.Labels \"org.example.word\"}}", "words_default")
        #expect(label == Self.hostile)
        let places = try await inside("", "/usr/bin/perl", "-pe", "", "/proc/mounts").split(separator: "\n")
        for (place, size) in [("/scratch", "size=8192k"), ("/dev/shm", "size=32768k")] {
          #expect(places.contains { $0.contains(" \(place) ") && $0.contains(size) }, "\(places)")
        }
        for name in ["main", "front", "desk"] {
          let answer = try await inside("_other", "/usr/bin/curl", "-sf", "http://\(name):8080/version")
          #expect(answer == "1", "\(name)")
        }
        // One network: each is the other's own host, and the port is opened by its owner.
        #expect(try await inside("_side", "/usr/bin/curl", "-sf", "http://127.0.0.1:8080/version") == "1")
        #expect(try await Containers.answer(8872) == "1")
        // What is in the network of a container that crashes comes back with it.
        try await crash("podman", "words_default")
        try await eventually("the network") { try await answers(8871, 8872) }
        try await eventually("both services") {
          let status = try await root.berth("status", "words", "--json").json()
          return status["services"].list.allSatisfy { $0["status"].text == "running" }
        }
        #expect(try await inside("_side", "/usr/bin/curl", "-sf", "http://127.0.0.1:8080/version") == "1")
        #expect(try await root.berth("restart", "words").status == 0)
        #expect(try await Containers.answer(8872) == "1")
        let weak = try await root.berth("update", "words", "--dry-run")
        #expect(weak.status == 0, "\(weak.errors)")
        #expect(try await root.berth("stop", "words").status == 0)
        #expect(try await Containers.left() == [])
        #expect(try await root.berth("remove", "words", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    @Test("Docker Compose takes what Berth has read in a file as people have it")
    func compose() async throws {
      try await BootedHost.run("systemctl", "start", "docker")
      try await BootedHost.run("load-image", "docker", "web-1", "berth-test/words:1")
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try write(
          """
          schema: 1
          id: shapes
          name: Shapes
          summary: Only for a test
          category: web
          version: "1"
          settings:
            word: { type: string, default: plain }
          ports:
            http: { protocol: tcp, default: 8873, bind: 127.0.0.1, target: 8080, service: net-owner }
            side: { protocol: tcp, default: 8874, bind: 127.0.0.1, target: 8081, service: side }
          services:
            net-owner:
              compose: compose.yaml
              env: { WORD: "{{settings.word}}" }
              ready: { http: { port: http, path: /health }, timeout: 20s }
            side:
              compose: compose.yaml
              ready: { http: { port: side, path: /health }, timeout: 20s }
          backup: { rows: { service: net-owner, volume: rows } }
          """, "\(plugins)/shapes/plugin.yaml")
        try write(
          """
          version: "3.8"
          x-base: &base
            image: berth-test/words:${WORDS_TAG:-1}
            restart: unless-stopped
            stop_grace_period: 3s
            logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }
          services:
            Net_Owner:
              <<: *base
              pull_policy: missing
              stop_signal: INT
              volumes: [rows:/rows/]
              environment: { PORT: 8080, PLAIN: "a b", MIX: "<${WORD}>", WORD: }
              networks: { default: { aliases: [owner] }, back: }
            side:
              <<: [*base]
              network_mode: service:Net_Owner
              environment: [PORT=8081, "LANG=${LANG:-none}"]
          volumes: { rows: { driver: local } }
          networks: { back: { driver: bridge } }

          """, "\(plugins)/shapes/files/compose.yaml")
        let word = #"it's "$HOME" #1 %i"#
        _ = try await root.install("shapes", "--set", "word=\(word)")
        let all = try await BootedHost.output("curl", "-sf", "http://127.0.0.1:8873/environment")
        let variables = all.split(separator: "\0").map(String.init)
        #expect(variables.contains("WORD=\(word)") && variables.contains("MIX=<\(word)>"), "\(all)")
        #expect(variables.contains("PLAIN=a b"))
        let others = try await BootedHost.output("curl", "-sf", "http://127.0.0.1:8874/environment")
        // The manager's own variable of that name does not reach the file.
        #expect(others.split(separator: "\0").contains("LANG=none"), "\(others)")
        func inspect(_ container: String, _ format: String) async throws -> String {
          try await BootedHost.output("docker", "inspect", "--format", format, container)
        }
        let owner = "shapes_default_net-owner"
        #expect(try await inspect(owner, "{{.Config.StopSignal}} {{.Config.StopTimeout}}") == "SIGINT 3")
        #expect(
          try await inspect(owner, "{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config \"max-file\"}}")
            == "json-file 3")
        #expect(try await inspect(owner, "{{range .Mounts}}{{.Destination}}{{end}}") == "/rows")
        #expect(try await inspect(owner, "{{.HostConfig.RestartPolicy.Name}}") == "no")
        try await crash("docker", owner)
        try await eventually("the network") { try await answers(8873, 8874) }
        #expect(try await root.berth("restart", "shapes").status == 0)
        #expect(try await Containers.answer(8874) == "1")
        // A new word makes the owner's container anew, and the other one with it.
        #expect(try await root.berth("config", "set", "shapes", "word=new").status == 0)
        try await eventually("the new word") {
          let all = try await BootedHost.output("curl", "-sf", "http://127.0.0.1:8873/environment")
          let isThere = try await answers(8873, 8874)
          return isThere && all.split(separator: "\0").contains("WORD=new")
        }
        #expect(try await root.berth("doctor").status == 0)
        #expect(try await root.berth("remove", "shapes", "--all", "--yes").status == 0)
      }
      #expect(try await BootedHost.output("docker", "ps", "--all", "--quiet") == "")
    }
  }
}
