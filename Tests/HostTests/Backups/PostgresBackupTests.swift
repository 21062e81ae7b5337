import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("PostgreSQL, backed up under load")
struct PostgresBackupTests {
  /// A cluster as a client sees it.
  private struct Cluster {
    let port: Int
    let password: String

    func sql(_ text: String, in database: String = "postgres", as user: String = "postgres", password: String? = nil)
      async throws -> String
    {
      try await run("psql", ["-U", user, "-d", database, "-XAt", "-v", "ON_ERROR_STOP=1", "-c", text], password)
    }

    func run(_ program: String, _ words: [String], _ password: String? = nil) async throws -> String {
      try await SubprocessRunner().succeed(
        Command(
          program, ["-h", "127.0.0.1", "-p", "\(port)"] + words, environment: ["PGPASSWORD": password ?? self.password])
      )
      .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The sums that every transaction of pgbench changes alike, which are one number at every moment, and how many
    /// transactions there were.
    func balance() async throws -> (sums: Set<String>, transactions: Int) {
      let tables = [
        "abalance FROM pgbench_accounts", "tbalance FROM pgbench_tellers", "bbalance FROM pgbench_branches",
        "delta FROM pgbench_history",
      ]
      let lines = try await sql(
        tables.map { "SELECT sum(\($0.split(separator: " ")[0])) FROM \($0.split(separator: " ")[2])" }.joined(
          separator: " UNION ALL ")
          + "; SELECT count(*) FROM pgbench_history", in: "bank"
      ).split(separator: "\n").map(String.init)
      return (Set(lines.dropLast()), Int(lines.last ?? "") ?? -1)
    }
  }

  private func cluster(_ box: SandboxFixture, _ instance: String = "default") async throws -> Cluster {
    let status = try await box.succeed("status", "postgres", "--instance", instance, "--reveal", "--json").json()
    return Cluster(port: status.port("sql"), password: try #require(status["settings"]["superuser-password"].text))
  }

  @Test(
    "the database runs on, and what comes back is of one moment, with its roles and databases", .timeLimit(.minutes(30))
  )
  func load() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "postgres")
      let home = try await cluster(box)
      _ = try await home.sql("CREATE DATABASE bank")
      _ = try await home.run("pgbench", ["-U", "postgres", "-i", "-s", "1", "-q", "bank"])
      _ = try await home.sql("CREATE ROLE nurse LOGIN PASSWORD 'ward'")
      _ = try await home.sql("CREATE DATABASE ward OWNER nurse")
      _ = try await home.sql(
        "CREATE TABLE bed (number int); INSERT INTO bed VALUES (7)", in: "ward", as: "nurse", password: "ward")
      let process = try await chest.process()

      async let bench = home.run("pgbench", ["-U", "postgres", "-c", "2", "-T", "6", "-n", "bank"])
      try await Task.sleep(for: .seconds(1))
      let first = try await home.balance().transactions
      let backup = try await chest.backup()
      let last = try await home.balance().transactions
      _ = try await bench
      #expect(first > 0 && last > first, "\(first), \(last)")
      #expect(backup["pause"] == .number(0))
      #expect(try await chest.process() == process)
      #expect(!chest.exists("dumps"))
      let later = try await home.balance().transactions

      let made = try await chest.restore("--as", "Copy")
      let copy = try await cluster(box, try #require(made["instance_id"].text))
      #expect(copy.password == home.password && copy.port != home.port)
      let there = try await copy.balance()
      #expect(there.sums.count == 1 && (first...last).contains(there.transactions), "\(first) ≤ \(there) ≤ \(last)")
      #expect(try await copy.sql("SELECT number FROM bed", in: "ward", as: "nurse", password: "ward") == "7")
      #expect(try await home.balance().transactions == later)

      _ = try await home.sql("DELETE FROM bed; INSERT INTO bed VALUES (8)", in: "ward")
      _ = try await home.sql("CREATE DATABASE later")
      try await chest.restore("--instance", "default")
      let back = try await home.balance()
      #expect(back.sums == there.sums && back.transactions == there.transactions)
      #expect(try await home.sql("SELECT number FROM bed", in: "ward", as: "nurse", password: "ward") == "7")
      let names = try await home.sql("SELECT datname FROM pg_database ORDER BY 1")
      #expect(names.split(separator: "\n") == ["bank", "postgres", "template0", "template1", "ward"], "\(names)")
      #expect(!chest.exists("dumps"))
      try await chest.expectSound()
    }
  }

  @Test(
    "a dump that fails is a failed backup, of which nothing is left, and is shown until one succeeds",
    .timeLimit(.minutes(30)))
  func failing() async throws {
    try await SandboxFixture.with { box in
      let chest = try await Chest.install(box, "postgres")
      let home = try await cluster(box)
      _ = try await home.sql("CREATE TABLE bed (number int); INSERT INTO bed VALUES (7)")
      let process = try await chest.process()

      _ = try await home.sql("ALTER ROLE postgres PASSWORD 'another'")
      let refused = try await box.berth("backup", "postgres", "--json")
      #expect(refused.status == 70, "\(refused.errors)")
      #expect(
        try refused.failure()["cause"].text?.contains("password authentication failed") == true, "\(refused.errors)")
      try await expectNothing(chest)

      _ = try await home.sql("ALTER ROLE postgres PASSWORD '\(home.password)'", password: "another")
      // A table that somebody holds keeps the dump waiting, so that there is time to end it.
      async let holder: String? = try? home.sql("BEGIN; LOCK TABLE bed IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)")
      async let backup = box.berth("backup", "postgres", "--json")
      var dump: Int?
      for _ in 0..<400 where dump == nil {
        try await Task.sleep(for: .milliseconds(50))
        dump = SandboxFixture.processes().first { number in
          let words = SandboxFixture.text("/proc/\(number)/cmdline").split(separator: "\0")
          return words.first?.hasSuffix("pg_dump") == true && words.contains { $0.contains("\(home.port)") }
        }
      }
      #expect(kill(pid_t(try #require(dump)), SIGKILL) == 0)
      let killed = try await backup
      #expect(killed.status == 70, "\(killed.errors)")
      try await expectNothing(chest)
      _ = try await home.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
      )
      _ = await holder

      try await chest.backup()
      #expect(try await chest.status()["last_backup"]["succeeded"].isTrue)
      #expect(try await box.succeed("status", "postgres").output.contains("failed") == false)
      #expect(try await chest.process() == process)
      try await chest.expectSound()
    }
  }

  private func expectNothing(_ chest: Chest) async throws {
    #expect(try await chest.backups().isEmpty)
    #expect(!chest.box.tree().contains { $0.hasPrefix("backups/") && $0.contains(".tar") })
    #expect(!chest.exists("dumps"))
    #expect(try await chest.status()["last_backup"]["succeeded"] == .boolean(false))
    #expect(try await chest.box.succeed("status", "postgres").output.contains("failed: "))
    let doctor = try await chest.box.berth("doctor", "--json")
    #expect(try doctor.json().list.map { $0["code"].text } == ["backup-failed"], "\(doctor.output)")
  }
}
