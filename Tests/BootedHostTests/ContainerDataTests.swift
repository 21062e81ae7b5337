import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// A real PostgreSQL, whose files belong to a user of its image's.
  @Suite("what containers keep")
  struct ContainerDataTests {
    init() throws { try BootedHost.require() }

    private static let image = "localhost/berth-test/postgres:17"
    private static let dump = """
        rows:
          command: [pg_dump, -Fc, -U, shop, shop]
          restore: [pg_restore, -U, shop, -d, shop, --single-transaction, --exit-on-error]
      """
    /// The image starts as root, gives its folder to a user of its own and becomes that user.
    private static let rights =
      "{ "
      + ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"].map { "CAP_\($0): it becomes its own user" }
      .joined(separator: ", ") + " }"
    private static let files = "  rows: { volume: rows }"

    private func put(_ id: String, in folder: String, backup: String) throws {
      let yaml = """
        schema: 1
        id: \(id)
        name: \(id)
        summary: Only for a test
        category: database
        version: "1"
        settings:
          password: { type: secret, on-clone: keep }
        services:
          main:
            container: { image: "\(Self.image)" }
            capabilities: \(Self.rights)
            env: { POSTGRES_USER: shop, POSTGRES_PASSWORD: "{{settings.password}}" }
            mounts: { /var/lib/postgresql/data: rows }
            stop:
              first: { exec: [psql, -U, shop, -qc, "insert into stops values (now())"], timeout: 10s }
              signal: SIGINT
              grace: 20s
            ready: { exec: [pg_isready, -q, -U, shop, -h, 127.0.0.1], timeout: 60s }
            limits: { memory: 512M }
        backup:
        \(backup)
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/\(id)", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
    }

    /// An app that writes into its database at an installation, and on a calendar.
    private func putShop(in folder: String) throws {
      let psql = "/usr/lib/postgresql/17/bin/psql, -v, ON_ERROR_STOP=1, -c"
      let yaml = """
        schema: 1
        id: pgshop
        name: pgshop
        summary: Only for a test
        category: database
        version: "1"
        settings:
          password: { type: secret, on-clone: keep }
          motto: { type: string, default: plain }
        services:
          db:
            container: { image: "\(Self.image)" }
            capabilities: \(Self.rights)
            env: { POSTGRES_USER: shop, POSTGRES_PASSWORD: "{{settings.password}}" }
            mounts: { /var/lib/postgresql/data: rows }
            stop: { signal: SIGINT, grace: 20s }
            ready: { exec: [pg_isready, -q, -U, shop, -h, 127.0.0.1], timeout: 60s }
            limits: { memory: 512M }
          main:
            container: { image: localhost/berth-test/tools:1 }
            env: { PGHOST: db, PGUSER: shop, PGPASSWORD: "{{settings.password}}" }
            depends-on: [db]
            stop: { grace: 5s }
            limits: { memory: 256M }
        jobs:
          seed: { at: [install], exec: [\(psql), "create table seeds as select $q${{settings.motto}}$q$::text as motto"] }
          tidy: { calendar: "*-*-* 04:00", exec: [\(psql), "insert into seeds values ('by timer')"] }
        backup:
          rows: { service: db, volume: rows }
        """
      try FileManager.default.createDirectory(atPath: "\(folder)/pgshop", withIntermediateDirectories: true)
      try yaml.write(toFile: "\(folder)/pgshop/plugin.yaml", atomically: true, encoding: .utf8)
    }

    @Test("a job writes into the database that its service depends on, before the first start and on a calendar")
    func jobs() async throws {
      let hostile = #"a "b" 'c' $HOME ${X} %i \e"#
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try putShop(in: plugins)
        try await Containers.load("postgres", as: Self.image)
        let program = #"CMD ["/usr/bin/perl","-e","$SIG{TERM} = sub { exit 0 }; sleep 1 while 1"]"#
        try await BootedHost.run(
          "podman", "import", "--quiet", "--change", program, "/var/lib/berth-test/images/hospital.tar",
          "localhost/berth-test/tools:1")
        _ = try await root.install("pgshop", "--set", "motto=\(hostile)")
        #expect(try await ask("pgshop_default_db", "select motto from seeds") == hostile)
        try await BootedHost.run("systemctl", "start", "pgshop-tidy@default.service")
        #expect(try await ask("pgshop_default_db", "select count(*) from seeds") == "2")
        let timers = try await BootedHost.output("systemctl", "list-timers", "--all", "pgshop-*")
        #expect(timers.contains("pgshop-tidy@default.timer"))
        #expect(try await root.berth("doctor").status == 0)
        #expect(try await root.berth("stop", "pgshop").status == 0)
        #expect(try await Containers.left() == [])
        // What is stopped stays so: only what the jobs need runs, for as long as they do.
        _ = try await root.install("pgshop", "--instance-name", "Idle", "--no-start")
        #expect(try await Containers.left() == [])
        #expect(try await root.berth("start", "pgshop", "--instance", "Idle").status == 0)
        #expect(try await ask("pgshop_idle_db", "select motto from seeds") == "plain")
        #expect(try await root.berth("remove", "pgshop", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }

    /// What PostgreSQL says to a statement.
    private func ask(_ container: String, _ statement: String) async throws -> String {
      try await BootedHost.output("podman", "exec", container, "psql", "-U", "shop", "-qAtc", statement)
    }

    private func fill(_ container: String) async throws {
      #expect(try await ask(container, "create table stops (at timestamptz)") == "")
      let rows = "create table ware as select n, 'ware ' || n as name from generate_series(1, 5000) n"
      #expect(try await ask(container, rows) == "")
    }

    /// The owner of a file by number.
    private func owner(_ path: String) throws -> Int {
      try #require(FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? Int)
    }

    @Test("a dump is made and taken back inside the container, into a database that is made anew")
    func dumps() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try put("pgdump", in: plugins, backup: Self.dump)
        try await Containers.load("postgres", as: Self.image)
        let instance = try await root.install("pgdump")
        let folder = try #require(instance["dir"].text)
        try await fill("pgdump_default")
        let backup = try await root.berth("backup", "pgdump")
        #expect(backup.status == 0, "\(backup.errors)")
        #expect(try await ask("pgdump_default", "drop table ware; select 1") == "1")
        // What is lost is lost whatever it was.
        let lost = "\(folder)/data/volumes/rows/base"
        #expect(try owner(lost) != owner("\(folder)/data"))
        try FileManager.default.removeItem(atPath: lost)
        let restore = try await root.berth("restore", "pgdump", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try await ask("pgdump_default", "select count(*), max(name) from ware") == "5000|ware 999")
        #expect(try await root.berth("doctor").status == 0)

        // What is done before a stop is done inside while it runs.
        #expect(try await ask("pgdump_default", "select count(*) from stops") == "0")
        #expect(try await root.berth("stop", "pgdump").status == 0)
        // A backup of a stopped instance starts it for the dump, and stops it again.
        #expect(try await root.berth("backup", "pgdump").status == 0)
        #expect(try await Containers.left() == [])
        #expect(try await root.berth("start", "pgdump").status == 0)
        #expect(try await ask("pgdump_default", "select count(*) from stops") == "2")

        let clone = try await root.berth("clone", "pgdump", "--instance-name", "Copy", "--json")
        #expect(clone.status == 0, "\(clone.errors)")
        #expect(try await ask("pgdump_copy", "update ware set name = 'x'; select count(*) from ware") == "5000")
        #expect(try await ask("pgdump_default", "select max(name) from ware") == "ware 999")
        #expect(try await root.berth("remove", "pgdump", "--all", "--yes").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
      }
      #expect(try await Containers.left() == [])
    }

    @Test("the files of a volume keep the numbers of the image's users, in place, in a difference and in a copy")
    func volumes() async throws {
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        try put("pgfiles", in: plugins, backup: Self.files)
        try await Containers.load("postgres", as: Self.image)
        let instance = try await root.install("pgfiles")
        let folder = try #require(instance["dir"].text)
        let volume = "\(folder)/data/volumes/rows"
        try await fill("pgfiles_default")
        #expect(try await root.berth("backup", "pgfiles", "--full").status == 0)
        #expect(try await ask("pgfiles_default", "insert into ware values (5001, 'late'); select 1") == "1")
        let second = try await root.berth("backup", "pgfiles", "--json")
        #expect(second.status == 0 && second.output.contains("\"diff\""), "\(second.output) \(second.errors)")
        let (own, database) = (try owner("\(folder)/data"), try owner("\(volume)/PG_VERSION"))
        #expect(own != database && own >= 1_900_000_000)

        #expect(try await root.berth("stop", "pgfiles").status == 0)
        try FileManager.default.removeItem(atPath: volume)
        let restore = try await root.berth("restore", "pgfiles", "--yes")
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try owner("\(volume)/PG_VERSION") == database && owner(volume) == database)
        #expect(try owner("\(folder)/data/volumes") == own)
        #expect(try await root.berth("start", "pgfiles").status == 0)
        #expect(try await ask("pgfiles_default", "select count(*) from ware") == "5001")

        let clone = try await root.berth("clone", "pgfiles", "--instance-name", "Copy", "--json")
        #expect(clone.status == 0, "\(clone.errors)")
        let copy = try #require(clone.json()["dir"].text)
        #expect(try owner("\(copy)/data/volumes/rows/PG_VERSION") == database)
        let others = try [owner("\(copy)/data/volumes"), owner("\(copy)/data")]
        #expect(others[0] != own && others[0] >= 1_900_000_000 && others[0] == others[1])
        #expect(try await ask("pgfiles_copy", "delete from ware; select count(*) from ware") == "0")
        #expect(try await ask("pgfiles_default", "select count(*) from ware") == "5001")
        #expect(try await root.berth("remove", "pgfiles", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
    }
  }
}
