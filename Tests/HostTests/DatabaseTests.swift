import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Real databases and a real broker: what jobs, conditions, dependencies and first steps of a stop are for.
@Suite("Databases and a broker")
struct DatabaseTests {
  /// Runs a client and gives what it printed.
  private func ask(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) async throws
    -> String
  {
    try await SubprocessRunner().succeed(Command(program, arguments, environment: environment))
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func secret(_ box: SandboxFixture, _ app: String, _ key: String) async throws -> String {
    try await box.berth("config", "get", app, key, "--reveal").output.trimmingCharacters(in: .newlines)
  }

  private func install(_ box: SandboxFixture, _ words: String...) async throws -> JSON {
    let run = try await box.berth(["install"] + words + ["--json"])
    try #require(run.status == 0, "\(run.errors)")
    return try run.json()
  }

  private func port(_ instance: JSON, _ role: String) -> Int {
    instance["ports"].list.first { $0["role"].text == role }?["port"].integer ?? 0
  }

  private func process(_ instance: JSON, _ service: String) -> Int? {
    instance["services"].list.first { $0["name"].text == service }?["main_pid"].integer
  }

  @Test("PostgreSQL is made by a job, pooled where that is wanted, and keeps its rows over a change")
  func postgres() async throws {
    try await SandboxFixture.with { box in
      var made = try await install(box, "postgres", "--set", "pooler=true")
      var password = try await secret(box, "postgres", "superuser-password")
      func sql(_ port: Int, _ text: String) async throws -> String {
        try await ask(
          "psql", ["-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres", "-d", "postgres", "-At", "-c", text],
          ["PGPASSWORD": password])
      }
      _ = try await sql(port(made, "sql"), "CREATE TABLE ward (name text); INSERT INTO ward VALUES ('north')")
      #expect(try await sql(port(made, "pooler"), "SELECT name FROM ward") == "north")

      // The password lies in the cluster, and in the pooler's file.
      let former = password
      password = "it's a new \\one"
      let set = try await box.berth("config", "set", "postgres", "superuser-password=\(password)")
      #expect(set.status == 0, "\(set.errors)")
      for role in ["sql", "pooler"] {
        #expect(try await sql(port(made, role), "SELECT name FROM ward") == "north")
      }
      #expect(try await !box.berth("logs", "postgres", "--lines", "500").output.contains("ALTER ROLE"))
      (password, made) = (former, try await box.berth("status", "postgres", "--json").json())
      await #expect(throws: (any Error).self) { try await sql(port(made, "sql"), "SELECT 1") }
      try await box.succeed("config", "set", "postgres", "superuser-password=\(former)")
      made = try await box.berth("status", "postgres", "--json").json()

      // The pooler's own file: the database goes on.
      #expect(try await box.berth("config", "set", "postgres", "pool-size=7").status == 0)
      let pooled = try await box.berth("status", "postgres", "--json").json()
      #expect(process(pooled, "main") == process(made, "main"))
      #expect(process(pooled, "pooler") != process(made, "pooler"))

      // Without the pooler its port, unit and files are gone, and the rows are there.
      #expect(try await box.berth("config", "set", "postgres", "pooler=false").status == 0)
      let alone = try await box.berth("status", "postgres", "--json").json()
      #expect(alone["services"].list.map { $0["name"].text } == ["main"])
      #expect(alone["ports"].list.map { $0["role"].text } == ["sql"])
      #expect(try await sql(port(made, "sql"), "SELECT name FROM ward") == "north")

      #expect(try await box.berth("stop", "postgres").status == 0)
      let log = try await box.berth("logs", "postgres", "--lines", "200").output
      #expect(log.contains("checkpoint"))
      #expect(try await box.berth("start", "postgres").status == 0)
      #expect(try await sql(port(made, "sql"), "SELECT name FROM ward") == "north")
      let report = try await box.berth("doctor")
      #expect(report.status == 0, "\(report.output)")
      #expect(try await box.berth("remove", "postgres", "--yes").status == 0)
    }
  }

  @Test("a database whose job fails is not there afterwards")
  func failedJob() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "postgres", "--set", "shared-buffers=1kB")
      #expect(run.status == 70)
      #expect(try await box.berth("list", "--json").json().list.isEmpty)
      #expect(!box.tree().contains { $0.contains("postgres") })
    }
  }

  @Test("Redis saves before it stops, and its timer comes and goes with a setting")
  func redis() async throws {
    try await SandboxFixture.with { box in
      let made = try await install(box, "redis", "--set", "exporter=true")
      let password = try await secret(box, "redis", "password")
      func cli(_ words: String...) async throws -> String {
        try await ask("redis-cli", ["-p", "\(port(made, "redis"))"] + words, ["REDISCLI_AUTH": password])
      }
      #expect(try await cli("set", "ward", "north") == "OK")
      let metrics = try ServerClient.http(port: port(made, "metrics"), path: "/metrics")
      #expect(metrics.contains("redis_up 1"))
      #expect(try await box.berth("restart", "redis").status == 0)
      #expect(try await cli("get", "ward") == "north")

      let timers = "config/systemd/user/redis@default.target.d/berth.conf"
      #expect(SandboxFixture.text("\(box.root)/\(timers)").contains("redis-rewrite-log@default.timer"))
      #expect(try await box.berth("config", "set", "redis", "max-memory=64M").status == 0)
      #expect(try await cli("get", "ward") == "north")
      #expect(try await cli("config", "get", "maxmemory").hasSuffix("67108864"))
      #expect(try await box.berth("config", "set", "redis", "nightly-rewrite=false", "exporter=false").status == 0)
      #expect(!box.tree().contains(timers))
      #expect(try await cli("get", "ward") == "north")
      #expect(try await box.berth("doctor").status == 0)
      #expect(try await box.berth("remove", "redis", "--yes").status == 0)
    }
  }

  @Test("Redis is backed up as of one moment while it is written to, and may write its log anew afterwards")
  func redisBackup() async throws {
    try await SandboxFixture.with { box in
      let made = try await install(box, "redis")
      let client = ["-e", "-p", "\(port(made, "redis"))"]
      let password = ["REDISCLI_AUTH": try await secret(box, "redis", "password")]
      func cli(_ words: String...) async throws -> String { try await ask("redis-cli", client + words, password) }
      func visits() async throws -> Int { Int(try await cli("get", "visits")) ?? -1 }
      #expect(try await cli("incr", "visits") == "1")
      async let load = ask("redis-cli", client + ["-r", "5000", "-i", "0.001", "incr", "visits"], password)
      let before = try await visits()
      let backup = try await box.berth("backup", "redis", "--verify", "--json")
      try #require(backup.status == 0, "\(backup.errors)")
      let after = try await visits()
      #expect(try backup.json()["pause"] == .number(0))
      _ = try await load

      #expect(try await cli("config", "get", "auto-aof-rewrite-percentage").hasSuffix("100"))
      #expect(try await cli("bgrewriteaof").contains("rewriting"))
      #expect(try await visits() == 5001)
      #expect(try await box.berth("restore", "redis", "--yes").status == 0)
      #expect((before...after).contains(try await visits()))
      #expect(try await box.berth("doctor").status == 0)
      #expect(try await box.berth("remove", "redis", "--yes").status == 0)
    }
  }

  @Test("Mosquitto's certificate is had back, and is good for those who know it")
  func mosquittoBackup() async throws {
    try await SandboxFixture.with { box in
      let made = try await install(box, "mosquitto")
      let data = try #require(made["dir"].text) + "/data"
      func fingerprint() async throws -> String {
        try await ask("openssl", ["x509", "-in", "\(data)/certificate.pem", "-noout", "-fingerprint"])
      }
      let before = try await fingerprint()
      let backup = try await box.berth("backup", "mosquitto", "--json")
      try #require(backup.status == 0, "\(backup.errors)")
      #expect(try backup.json()["pause"] != .number(0))
      for name in ["certificate.pem", "key.pem", "mosquitto.db"] {
        try FileManager.default.removeItem(atPath: "\(data)/\(name)")
      }
      #expect(try await box.berth("restore", "mosquitto", "--yes").status == 0)
      #expect(try await fingerprint() == before)
      #expect(FileManager.default.fileExists(atPath: "\(data)/mosquitto.db"))
      #expect(try await box.berth("remove", "mosquitto", "--yes").status == 0)
    }
  }

  @Test("Mosquitto gets a certificate of its own before its first start")
  func mosquitto() async throws {
    try await SandboxFixture.with { box in
      let first = try await install(box, "mosquitto", "--set", "require-certificate=false")
      let second = try await install(box, "mosquitto", "--set", "require-certificate=false")
      var prints: Set<String> = []
      for instance in [first, second] {
        let data = try #require(instance["dir"].text) + "/data"
        let file = "\(data)/certificate.pem"
        prints.insert(try await ask("openssl", ["x509", "-in", file, "-noout", "-fingerprint"]))
        // The broker shows this very certificate.
        let shown = try await ask(
          "openssl",
          [
            "s_client", "-connect", "127.0.0.1:\(port(instance, "mqtts"))", "-CAfile", file, "-verify_return_error",
            "-brief",
          ])
        #expect(!shown.contains("error"))
      }
      #expect(prints.count == 2)
      #expect(try await box.berth("remove", "mosquitto", "--all", "--yes").status == 0)
    }
  }
}
