import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// The scenarios and criteria of seed 001.
  @Suite("hospitals on Docker Compose")
  struct HospitalTests {
    private static let stable = "localhost/berth-test/eqmd:stable"
    private static let beta = "localhost/berth-test/eqmd:beta"

    init() throws { try BootedHost.require() }

    private func loadImages() async throws {
      try await Hospitals.load("postgres", as: Hospitals.postgres)
      try await Hospitals.load("django-1", as: Self.stable)
      try await Hospitals.load("django-2", as: Self.beta)
    }

    @Test(
      "seed 001, scenarios A and C: production and staging run side by side, each with its own version of everything")
    func staging() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await Hospitals.withDocker {
        try await loadImages()
        let production = try await Hospitals.install("Prod", image: Self.stable)
        let staging = try await Hospitals.install("Staging", image: Self.beta, "--port", "http=8779")
        // Defaults are those of a single installation, and the second one moves on by itself or as it is told.
        #expect(try Hospitals.port(production) == 8778 && Hospitals.port(production, "database") == 5432)
        #expect(try Hospitals.port(staging) == 8779 && Hospitals.port(staging, "database") == 5433)
        #expect(production["status"].text == "running" && staging["status"].text == "running")
        #expect(production["version"].text == "stable" && staging["version"].text == "beta")
        #expect(
          try await Hospitals.left() == [
            "eqmd_prod", "eqmd_prod_eqmd", "eqmd_prod_media_files", "eqmd_prod_postgres", "eqmd_prod_postgres_data",
            "eqmd_staging", "eqmd_staging_eqmd", "eqmd_staging_media_files", "eqmd_staging_postgres",
            "eqmd_staging_postgres_data", "eqmd_prod_static_localhost_berth_test_eqmd_stable",
            "eqmd_staging_static_localhost_berth_test_eqmd_beta",
          ])
        for (hospital, version) in [(production, "1"), (staging, "2")] {
          #expect(try await Hospitals.page(hospital, "/health/") == "OK")
          #expect(try await Hospitals.page(hospital, "/health/database/") == "OK")
          #expect(try await Hospitals.page(hospital, "/version/") == version)
        }
        // Each has a database and media of its own, and static files that a web server may read.
        try await Hospitals.admit("Ana", to: production)
        try await Hospitals.admit("Bento", to: staging)
        #expect(try await Hospitals.page(production, "/patients/") == #"["Ana"]"#)
        #expect(try await Hospitals.page(staging, "/patients/") == #"["Bento"]"#)
        let site = "/var/www/eqmd_prod_static_localhost_berth_test_eqmd_stable/wards/site.css"
        try await BootedHost.run("runuser", "-u", "nobody", "--", "cat", site)
        // First-run jobs: tables, the site, groups and the person in charge.
        #expect(try await psql("prod", "select count(*) from auth_group") == "5")
        #expect(try await psql("prod", "select username from auth_user where is_superuser") == "admin")
        #expect(try await psql("prod", "select domain from django_site") == "prod.example")
        // Scheduled jobs are timers of each instance.
        try await BootedHost.run("systemctl", "start", "eqmd-stats@default.service")
        #expect(try await Hospitals.page(production, "/jobs/") == #"["update_dashboard_stats"]"#)
        #expect(try await Hospitals.page(staging, "/jobs/") == "[]")
        #expect(
          try await BootedHost.output("systemctl", "list-timers", "eqmd-*", "--no-legend").split(separator: "\n").count
            == 10)

        // One is stopped, started and restarted without the other noticing.
        let processes = try await Person.root.berth("status", "eqmd", "--instance", "Prod", "--json").json()["services"]
        #expect(try await Person.root.berth("stop", "eqmd", "--instance", "Staging").status == 0)
        #expect(try await Hospitals.page(staging, "/health/") == nil)
        #expect(try await Hospitals.left().filter { $0.contains("staging") && !$0.contains("static") } == [])
        #expect(try await Person.root.berth("start", "eqmd", "--instance", "Staging").status == 0)
        #expect(
          try await Person.root.berth("restart", "eqmd", "--instance", "Staging", "--service", "eqmd").status == 0)
        #expect(try await Hospitals.page(staging, "/patients/") == #"["Bento"]"#)
        #expect(
          try await Person.root.berth("status", "eqmd", "--instance", "Prod", "--json").json()["services"] == processes)
        // Another name is another one everywhere.
        let rename = try await Person.root.berth("config", "set", "eqmd", "--instance", "Staging", "--rename", "Trial")
        #expect(rename.status == 0, "\(rename.errors)")
        #expect(try await Hospitals.left().filter { $0.contains("staging") } == [])
        try await BootedHost.run("cat", "/var/www/eqmd_trial_static_localhost_berth_test_eqmd_beta/wards/site.css")
        #expect(try await Hospitals.page(staging, "/patients/") == #"["Bento"]"#)
        #expect(
          try await Person.root.berth("status", "eqmd", "--instance", "Prod", "--json").json()["services"] == processes)
        let log = try await Person.root.berth("logs", "eqmd", "--instance", "Prod", "--service", "postgres").output
        #expect(log.contains("database system is ready to accept connections"))
        let doctor = try await Person.root.berth("doctor")
        #expect(doctor.status == 0, "\(doctor.output)")
        try await Hospitals.removeAll()
      }
      // The copy that was made for the new name, and its list, outlive the instance as every backup does.
      let added = try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before)
      #expect(added.filter { !$0.contains("/backups") } == [])
    }

    @Test(
      "seed 001, scenario B: three hospitals from one file; ports, volumes and folders that are taken are found first")
    func three() async throws {
      try await Hospitals.withDocker {
        try await loadImages()
        let file = "/var/tmp/berth-hospitals-\(UUID().uuidString.prefix(8)).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let lines = [("north", 8778), ("south", 8780), ("east", 8782)].map { name, port in
          "  - { app: eqmd, name: \(name), ports: { http: \(port) }, settings: { domain: \(name).example, "
            + "image: \"\(Self.stable)\", postgres-image: \"\(Hospitals.postgres)\" } }"
        }
        try (["schema: 1", "instances:"] + lines).joined(separator: "\n")
          .write(toFile: file, atomically: true, encoding: .utf8)
        let apply = try await Person.root.berth("apply", "-f", file, "--accept", "all")
        try #require(apply.status == 0, "\(apply.errors)")
        let hospitals = try await Person.root.berth("list", "--app", "eqmd", "--json").json().list
        #expect(hospitals.map { $0["status"].text } == ["running", "running", "running"])
        #expect(Set(try hospitals.map { try Hospitals.port($0) }) == [8778, 8780, 8782])
        for hospital in hospitals { #expect(try await Hospitals.page(hospital, "/health/database/") == "OK") }
        #expect(try await Person.root.berth("plan", "-f", file).status == 0)

        let picture = try await Hospitals.left()
        func refused(_ code: String, _ more: String...) async throws {
          let run = try await Person.root.berth(Hospitals.words("West", image: Self.stable, more))
          #expect(run.status == 73, "\(run.errors)")
          #expect(run.errors.contains(code), "\(run.errors)")
        }
        try await refused("port-in-use", "--port", "http=8780")
        try await BootedHost.run("docker", "volume", "create", "eqmd_west_media_files")
        try await refused("volume-in-use")
        try await BootedHost.run("docker", "volume", "rm", "eqmd_west_media_files")
        let folder = "/var/www/eqmd_west_static_localhost_berth_test_eqmd_stable"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await refused("folder-in-use")
        try FileManager.default.removeItem(atPath: folder)
        #expect(try await Hospitals.left() == picture)
        try await Hospitals.removeAll()
      }
    }

    @Test("seed 001: each is backed up, restored and copied alone, with database, pictures, variables and image")
    func backups() async throws {
      try await Hospitals.withDocker {
        try await loadImages()
        let north = try await Hospitals.install("North", image: Self.stable)
        let south = try await Hospitals.install("South", image: Self.stable)
        for hospital in [north, south] { try await Hospitals.admit("Ana", to: hospital) }
        let picture = try await Hospitals.upload("an x-ray", to: north)
        let backup = try await Person.root.berth("backup", "eqmd", "--instance", "North", "--json")
        try #require(backup.status == 0, "\(backup.errors)")
        // What comes after it is lost, and only there.
        for hospital in [north, south] { try await Hospitals.admit("Bento", to: hospital) }
        try await BootedHost.run("docker", "exec", "eqmd_north_eqmd", "sh", "-c", "rm -r /app/media/*")
        #expect(try await Hospitals.page(north, picture) == nil)
        let restore = try await Person.root.berth("restore", "eqmd", "--instance", "North", "--yes")
        try #require(restore.status == 0, "\(restore.errors)")
        #expect(try await Hospitals.page(north, "/patients/") == #"["Ana"]"#)
        #expect(try await Hospitals.page(north, picture) == "an x-ray")
        #expect(try await Hospitals.page(south, "/patients/") == #"["Ana", "Bento"]"#)
        let clone = try await Person.root.berth(
          "clone", "eqmd", "--instance", "North", "--instance-name", "Copy", "--set", "domain=copy.example", "--json")
        try #require(clone.status == 0, "\(clone.errors)")
        let copy = try clone.json()
        #expect(try await Hospitals.page(copy, "/patients/") == #"["Ana"]"#)
        #expect(try await Hospitals.page(copy, picture) == "an x-ray")
        try await Hospitals.admit("Clara", to: copy)
        #expect(try await Hospitals.page(north, "/patients/") == #"["Ana"]"#)
        try await Hospitals.removeAll()
      }
    }

    @Test("an upgrade migrates; one that damages the data and fails gives back the data first, then the old image")
    func upgrade() async throws {
      try await Hospitals.withDocker {
        try await loadImages()
        let image = "localhost/berth-test/eqmd:latest"
        try await Hospitals.load("django-1", as: image)
        let hospital = try await Hospitals.install("North", image: image)
        try await Hospitals.admit("Ana", to: hospital)
        try await Hospitals.load("django-2", as: image)
        #expect(try await Person.root.berth("restart", "eqmd").status == 0)
        #expect(try await Hospitals.page(hospital, "/version/") == "1")
        let update = try await Person.root.berth("update", "eqmd")
        try #require(update.status == 0, "\(update.errors)")
        #expect(try await Hospitals.page(hospital, "/version/") == "2")
        #expect(try await psql("north", "select count(*) from discharges_discharge") == "0")
        #expect(try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"#)

        try await Hospitals.load("django-harm", as: image)
        let harm = try await Person.root.berth("update", "eqmd", "--json")
        #expect(harm.status == 70)
        #expect(harm.errors.contains("job-failed"), "\(harm.errors)")
        #expect(try await Hospitals.page(hospital, "/version/") == "2")
        #expect(try await Hospitals.page(hospital, "/patients/") == #"["Ana"]"#)
        #expect(try await Person.root.berth("status", "eqmd", "--json").json()["status"].text == "running")
        try await Hospitals.removeAll()
      }
    }

    private func psql(_ slug: String, _ question: String) async throws -> String {
      try await BootedHost.output(
        "docker", "exec", "eqmd_\(slug)_postgres", "psql", "-U", "eqmd", "-d", "eqmd", "-At", "-c", question)
    }
  }
}
