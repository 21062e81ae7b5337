import BerthHost
import BerthKit
import BerthQuery
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// A container's port is held on the host by Podman's monitor or Docker's proxy, or is the kernel's alone.
  @Suite("Passwords and the ports of containers")
  struct ContainerConsoleTests {
    init() throws { try BootedHost.require() }

    private static let engines = ["podman", "docker"]

    /// A test with an instance, on one of the engines.
    private func withInstance(
      _ engine: String, port: Int, _ body: (Person, JSON) async throws -> Void
    ) async throws {
      func test() async throws {
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          try await SpokenContainer.load(engine)
          try SpokenContainer.put(engine, in: plugins, port: port)
          try await BootedHost.run("ip", "address", "add", "\(SpokenContainer.address)/32", "dev", "lo")
          let result: Result<Void, any Error>
          do { result = .success(try await body(root, try await root.install(SpokenContainer.app))) } catch {
            result = .failure(error)
          }
          try await SpokenContainer.regainPorts()
          let removal = try await root.berth("remove", SpokenContainer.app, "--all", "--yes")
          try await BootedHost.run("ip", "address", "delete", "\(SpokenContainer.address)/32", "dev", "lo")
          try result.get()
          #expect(removal.status == 0, "\(removal.errors)")
        }
      }
      if engine == "docker" { try await Hospitals.withDocker(test) } else { try await test() }
      #expect(try await Containers.left() == [])
    }

    private static let commands = [["console", SpokenContainer.app, "status"], ["players", SpokenContainer.app]]

    @Test(
      "a console and a question with a password reach the container's own program; nobody takes its ports while it runs, nor hears a word on them when it is stopped",
      arguments: engines)
    func own(_ engine: String) async throws {
      try await withInstance(engine, port: 18500) { root, instance in
        let reply = try await root.berth("console", SpokenContainer.app, "echo", "well", "met")
        #expect(reply.status == 0 && reply.output.contains("well met"), "\(reply.output)\(reply.errors)")
        let players = try await root.berth("players", SpokenContainer.app, "--json")
        try #require(players.status == 0, "\(players.errors)")
        #expect(try players.json()["players"][0]["name"].text == "Ann")
        // What refuses strangers is the program itself.
        let (console, query) = try conversations(instance, "wrong")
        await #expect(throws: AnswerFailure.wrongPassword) { try await console.run("status") }
        await #expect(throws: AnswerFailure.wrongPassword) { try await query.ask() }

        for (port, address) in try [
          (econ(instance), "127.0.0.1"), (econ(instance), "0.0.0.0"), (rest(instance), SpokenContainer.address),
          (rest(instance), "0.0.0.0"),
        ] {
          let early = try Attack("squat", "tcp", address, "\(port)")
          #expect(try await early.output(with: "\n").hasPrefix("bind: "), "\(address)")
          early.end()
        }
        #expect(try await root.berth("stop", SpokenContainer.app).status == 0)
        let attacks = [
          try Attack("squat", "tcp", "127.0.0.1", "\(econ(instance))"),
          try Attack("squat", "tcp", SpokenContainer.address, "\(rest(instance))"),
        ]
        for attack in attacks { try await attack.output(with: "squatting") }
        let start = try await root.berth("start", SpokenContainer.app, "--json")
        #expect(try start.failure()["code"].text == "port-in-use")
        for words in Self.commands {
          let run = try await root.berth(words + ["--json"])
          #expect(try run.failure()["code"].text == "not-running")
        }
        for attack in attacks {
          #expect(attack.output == "squatting\n")
          attack.end()
        }
      }
    }

    @Test(
      "a container that runs without its ports: whoever has them hears no password, and hears it where nobody asks who that is",
      arguments: engines)
    func foreign(_ engine: String) async throws {
      try await withInstance(engine, port: 18530) { root, instance in
        let status = try await root.berth("status", SpokenContainer.app, "--reveal", "--json").json()
        let key = try #require(status["settings"]["key"].text)
        if engine == "podman" { #expect(try await root.berth("stop", SpokenContainer.app).status == 0) }
        try await SpokenContainer.losePorts(engine)
        #expect(try await root.berth("status", SpokenContainer.app, "--json").json()["status"].text == "running")
        for (first, second) in [("0.0.0.0", "0.0.0.0"), ("127.0.0.1", SpokenContainer.address)] {
          let attacks = [
            try Attack("squat", "tcp", first, "\(econ(instance))"),
            try Attack("squat", "tcp", second, "\(rest(instance))"),
          ]
          for attack in attacks { try await attack.output(with: "squatting") }
          for words in Self.commands {
            let run = try await root.berth(words + ["--json"])
            #expect(run.status == 77, "\(words): \(run.output)\(run.errors)")
            #expect(try run.failure()["code"].text == "foreign-listener")
            #expect(try run.failure()["summary"].text?.contains("attack-doors") == true)
          }
          for attack in attacks { #expect(attack.output == "squatting\n") }

          // The control: the same conversations without the proof.
          let (console, query) = try conversations(instance, key)
          _ = try? await console.run("status")
          _ = try? await query.ask()
          #expect(try await attacks[0].output(with: key).contains(key))
          let login = Data("admin:\(key)".utf8).base64EncodedString()
          #expect(try await attacks[1].output(with: login).contains(login))
          for attack in attacks { attack.end() }
        }
      }
    }

    /// What Berth asks and tells, through a connector that does not look who is there.
    private func conversations(_ instance: JSON, _ password: String) throws -> (ServerConsole, ServerQuery) {
      (
        ServerConsole(
          .teeworlds, at: Endpoint(.tcp, "127.0.0.1", try econ(instance)), of: .nobody, password: password,
          through: UnguardedConnector(), seconds: 20),
        ServerQuery(
          .palworldREST, at: Endpoint(.tcp, SpokenContainer.address, try rest(instance)), of: .nobody,
          password: password,
          through: UnguardedConnector(), seconds: 20)
      )
    }

    private func econ(_ instance: JSON) throws -> Int { try port("econ", of: instance) }
    private func rest(_ instance: JSON) throws -> Int { try port("rest", of: instance) }

    private func port(_ role: String, of instance: JSON) throws -> Int {
      try #require(instance["ports"].list.first { $0["role"].text == role }?["port"].integer)
    }
  }
}
