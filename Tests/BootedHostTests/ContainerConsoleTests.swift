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
      _ engine: String, port: Int, address: String = "0.0.0.0", _ body: (Person, JSON) async throws -> Void
    ) async throws {
      func test() async throws {
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          try await SpokenContainer.load(engine)
          try SpokenContainer.put(engine, in: plugins, port: port, address: address)
          let result: Result<Void, any Error>
          do { result = .success(try await body(root, try await root.install(SpokenContainer.app))) } catch {
            result = .failure(error)
          }
          try await SpokenContainer.regainPorts()
          let removal = try await root.berth("remove", SpokenContainer.app, "--all", "--yes")
          try result.get()
          #expect(removal.status == 0, "\(removal.errors)")
        }
      }
      if engine == "docker" { try await Hospitals.withDocker(test) } else { try await test() }
      #expect(try await Containers.left() == [])
    }

    private func key(_ root: Person) async throws -> String {
      try #require(
        try await root.berth("status", SpokenContainer.app, "--reveal", "--json").json()["settings"]["key"].text)
    }

    private func expectAnswers(_ root: Person, _ comment: Comment) async throws {
      let reply = try await root.berth("console", SpokenContainer.app, "echo", "well", "met")
      #expect(reply.status == 0 && reply.output.contains("well met"), "\(comment): \(reply.output)\(reply.errors)")
      let players = try await root.berth("players", SpokenContainer.app, "--json")
      #expect(players.status == 0, "\(comment): \(players.errors)")
      #expect(try players.json()["players"][0]["name"].text == "Ann", "\(comment)")
    }

    @Test("a console and a question with a password reach the container's own program", arguments: engines)
    func own(_ engine: String) async throws {
      try await withInstance(engine, port: 18500) { root, instance in
        try await expectAnswers(root, "\(engine)")
        // What refuses strangers is the program itself.
        for port in try [econ(instance), rest(instance)] {
          let place = Endpoint(.tcp, "127.0.0.1", port)
          let console = ServerConsole(
            port == (try econ(instance)) ? .teeworlds : .palworldREST, at: place, of: .nobody, password: "wrong",
            through: UnguardedConnector(), seconds: 20)
          await #expect(throws: AnswerFailure.wrongPassword) { try await console.run("info") }
        }
      }
    }

    @Test("the same on an address of the host's own, where the kernel alone hands connections on", arguments: engines)
    func address(_ engine: String) async throws {
      let address = "10.250.17.1"
      try await BootedHost.run("ip", "address", "add", "\(address)/32", "dev", "lo")
      let result: Result<Void, any Error>
      do {
        result = .success(
          try await withInstance(engine, port: 18510, address: address) { root, _ in
            try await expectAnswers(root, "\(engine)")
          })
      } catch { result = .failure(error) }
      try await BootedHost.run("ip", "address", "delete", "\(address)/32", "dev", "lo")
      try result.get()
    }

    @Test(
      "nobody takes the port of a container that runs, nor hears a word on that of a stopped one", arguments: engines)
    func stopped(_ engine: String) async throws {
      try await withInstance(engine, port: 18520) { root, instance in
        for address in ["127.0.0.1", "0.0.0.0"] {
          let early = try Attack("squat", "tcp", address, "\(econ(instance))")
          #expect(try await early.output(with: "\n").hasPrefix("bind: "), "\(address)")
          early.end()
        }
        #expect(try await root.berth("stop", SpokenContainer.app).status == 0)
        let attacks = try [econ(instance), rest(instance)].map { try Attack("squat", "tcp", "127.0.0.1", "\($0)") }
        for attack in attacks { try await attack.output(with: "squatting") }
        let start = try await root.berth("start", SpokenContainer.app, "--json")
        #expect(try start.failure()["code"].text == "port-in-use")
        for words in [["console", SpokenContainer.app, "status"], ["players", SpokenContainer.app]] {
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
      "a container that runs without its port: whoever has it hears no password, and hears it where nobody asks who that is",
      arguments: engines)
    func foreign(_ engine: String) async throws {
      try await withInstance(engine, port: 18530) { root, instance in
        let key = try await key(root)
        if engine == "podman" { #expect(try await root.berth("stop", SpokenContainer.app).status == 0) }
        try await SpokenContainer.losePorts(engine)
        #expect(try await root.berth("status", SpokenContainer.app, "--json").json()["status"].text == "running")
        for address in ["0.0.0.0", "127.0.0.1"] {
          let attacks = try [econ(instance), rest(instance)].map { try Attack("squat", "tcp", address, "\($0)") }
          for attack in attacks { try await attack.output(with: "squatting") }
          for words in [["console", SpokenContainer.app, "status"], ["players", SpokenContainer.app]] {
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
    private func conversations(_ instance: JSON, _ key: String) throws -> (ServerConsole, ServerQuery) {
      (
        ServerConsole(
          .teeworlds, at: Endpoint(.tcp, "127.0.0.1", try econ(instance)), of: .nobody, password: key,
          through: UnguardedConnector(), seconds: 5),
        ServerQuery(
          .palworldREST, at: Endpoint(.tcp, "127.0.0.1", try rest(instance)), of: .nobody, password: key,
          through: UnguardedConnector(), seconds: 5)
      )
    }

    private func econ(_ instance: JSON) throws -> Int { try port("econ", of: instance) }
    private func rest(_ instance: JSON) throws -> Int { try port("rest", of: instance) }

    private func port(_ role: String, of instance: JSON) throws -> Int {
      try #require(instance["ports"].list.first { $0["role"].text == role }?["port"].integer)
    }
  }
}
