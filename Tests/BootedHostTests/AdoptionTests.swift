import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// What seed 001 calls an easy migration of a single installation.
  @Suite("adopting a hospital that was set up by hand")
  struct AdoptionTests {
    private static let image = "localhost/berth-test/eqmd:stable"
    private static let media = "/var/lib/docker/volumes/eqmd_media_files"
    private static let containers = ["eqmd_app", "eqmd_postgres"]

    init() throws { try BootedHost.require() }

    @Test(
      "seed 001: it is taken over with its data, its port and its volumes, copied or kept, and goes back with one command"
    )
    func adopts() async throws {
      let before = try await HostPicture.take(of: HostPicture.systemFolders, .root)
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("django-1", as: Self.image)
        try await Self.withInstallation { folder in
          let picture = try await Hospitals.upload("an x-ray", toPort: 8778)
          try await Hospitals.admit("Ana", toPort: 8778)
          try await refuses(folder)

          // Copied: the old volumes stay, and what comes after is the instance's alone.
          let copy = try await adopt(folder, "copy")
          #expect(copy["instance_id"].text == "default" && copy["status"].text == "running")
          #expect(try Hospitals.port(copy) == 8778 && Hospitals.port(copy, "database") == 5432)
          #expect(try await Hospitals.page(copy, "/") == "São José \"1\", version 1")
          #expect(try await Hospitals.page(copy, picture) == "an x-ray")
          try await Hospitals.admit("Bento", to: copy)
          _ = try await Hospitals.upload("another", to: copy)
          #expect(try await Hospitals.page(copy, "/patients/") == #"["Ana", "Bento"]"#)
          let secret = try await Person.root.berth("config", "get", "eqmd", "secret-key", "--reveal").output
          #expect(secret.contains("not-a-secret-at-all"))
          try await hasNote(copy, Self.note)
          let change = try await Person.root.berth("config", "set", "eqmd", "env.WARD_NOTE=é '$HOME' \"2\"")
          #expect(change.status == 0, "\(change.errors)")
          try await hasNote(copy, "é '$HOME' \"2\"")
          // Docker leaves the old ones alone, and a dump of the old database's user goes its way.
          try await BootedHost.run("systemctl", "restart", "docker")
          #expect(try await Self.running().isDisjoint(with: Self.containers))
          // Docker's restart ended the database too, and the manager starts it again.
          for _ in 0..<120 where try await Self.status() != "running" { try await Task.sleep(for: .milliseconds(500)) }
          let backup = try await Person.root.berth("backup", "eqmd", "--json")
          #expect(backup.status == 0, "\(backup.errors)")

          try await goBack()
          #expect(try await Containers.answer(8778, "/patients/") == #"["Ana"]"#)
          #expect(try await Containers.answer(8778, picture) == "an x-ray")

          // Kept: the volumes themselves go along, there and back.
          // Docker's folder is a file system of its own here, and folders change their place only within one.
          let elsewhere = try await Person.root.berth("adopt", "eqmd", folder, "--volumes", "keep", "--yes")
          #expect(elsewhere.status == 73 && elsewhere.errors.contains("--dir"), "\(elsewhere.errors)")
          let kept = try await adopt(folder, "keep", "--dir", "/var/lib/docker/hospital")
          #expect(try FileManager.default.contentsOfDirectory(atPath: Self.media) == [])
          #expect(try await Hospitals.page(kept, picture) == "an x-ray")
          try await Hospitals.admit("Clara", to: kept)
          _ = try await Hospitals.upload("one more", to: kept)
          try await goBack()
          try? FileManager.default.removeItem(atPath: "/var/lib/docker/hospital")
          #expect(try await Containers.answer(8778, "/patients/") == #"["Ana", "Clara"]"#)
          _ = try await Hospitals.upload("the last", toPort: 8778)

          // The backup that was made at first brings the first data back, whatever there is.
          let list = try await Person.root.berth("backups", "list", "eqmd", "--json").json().list
          let first = try #require(list.first { $0["reason"].text == "adopt" }?["id"].text)
          try await Self.compose(folder, "stop")
          let restore = try await Person.root.berth("restore", "eqmd", "--backup", first, "--yes")
          try #require(restore.status == 0, "\(restore.errors)")
          #expect(try await Containers.answer(8778, "/patients/") == #"["Ana"]"#)
          #expect(try await Person.root.berth("remove", "eqmd", "--yes").status == 0)
        }
        #expect(try await Hospitals.left() == [])
      }
      let added = try await HostPicture.take(of: HostPicture.systemFolders, .root).added(to: before)
      #expect(added.filter { !$0.contains("/backups") } == [])
    }

    /// What goes wrong leaves the hospital running as it was.
    private func refuses(_ folder: String) async throws {
      let picture = try await Hospitals.left()
      let plan = try await Person.root.berth("adopt", "eqmd", folder, "--dry-run")
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("eqmd_media_files is copied as media_files"), "\(plan.output)")
      #expect(
        plan.output.contains(
          "its service 'media-init' had ended well, as one does that runs once, and has no counterpart"))
      #expect(plan.output.contains("env.WARD_NOTE is carried as it is") && !plan.output.contains(Self.note))
      #expect(plan.output.contains("SECRET_KEY stays behind for 'postgres', which the plugin does not give it to"))
      #expect(!plan.output.contains("env.PATH") && !plan.output.contains("env.PG"), "\(plan.output)")
      // On a terminal a person is asked; script(1) gives the command one, and passes on what it reads itself.
      let command = "\(BerthProgram.path) adopt eqmd \(folder) < /dev/tty"
      let talk = try await SubprocessRunner().run(
        Command(
          "/bin/sh",
          [
            "-c",
            "(sleep 2; echo maybe; sleep 1; echo copy; sleep 6; echo n; sleep 3) | script -qec '\(command)' /dev/null",
          ]))
      #expect(talk.status == 1)
      #expect(talk.output.ranges(of: "Copy its volumes, or keep them?").count == 2, "\(talk.output)")
      #expect(talk.output.contains("eqmd_media_files is copied as media_files"), "\(talk.output)")
      #expect(talk.output.contains("Stop the project in \(folder) and go on with it as eqmd/default? [y/N]"))
      let cases: [(words: [String], code: String, status: Int32)] = [
        (["adopt", "eqmd", "/var/tmp"], "no-project", 69),
        (["adopt", "teeworlds", folder], "not-adoptable", 64),
        (["adopt", "eqmd", folder], "not-confirmed", 64),
        (["adopt", "eqmd", folder, "--yes", "--set", "domain=a b"], "bad-setting", 64),
        (["adopt", "eqmd", folder, "--yes", "--set", "image=localhost/berth-test/none:1"], "no-image", 69),
        (["adopt", "eqmd", folder, "--yes", "--set", "postgres-image=localhost/berth-test/broken:1"], "not-ready", 70),
        (["adopt", "eqmd", "--undo", "--yes"], "no-instance", 64),
      ]
      try await Hospitals.load("broken", as: "localhost/berth-test/broken:1")
      for (words, code, status) in cases {
        let run = try await Person.root.berth(words + ["--json"])
        #expect(run.status == status && run.errors.contains(code), "\(words): \(run.errors)")
        #expect(try await Self.running().isSuperset(of: Self.containers))
        #expect(try await Hospitals.left() == picture)
        #expect(try await Containers.answer(8778, "/patients/") == #"["Ana"]"#)
      }
    }

    private func adopt(_ folder: String, _ volumes: String, _ more: String...) async throws -> JSON {
      let run = try await Person.root.berth(["adopt", "eqmd", folder, "--volumes", volumes, "--yes", "--json"] + more)
      try #require(run.status == 0, "\(run.errors)")
      #expect(try await Self.running().isDisjoint(with: Self.containers))
      return try run.json()
    }

    /// A variable that the plugin does not know is what it was, in both containers.
    private func hasNote(_ hospital: JSON, _ text: String) async throws {
      for service in ["eqmd", "postgres"] {
        let name = ContainerName.container("eqmd", hospital["slug"].text ?? "", service: service)
        #expect(try await BootedHost.output("docker", "exec", name, "printenv", "WARD_NOTE") == text)
      }
    }

    private func goBack() async throws {
      let run = try await Person.root.berth("adopt", "eqmd", "--undo", "--yes", "--json")
      try #require(run.status == 0, "\(run.errors)")
      #expect(try run.json()["project"].text == "hospital")
      #expect(try await Self.running() == Set(Self.containers))
      // Its file has no health check, so that nobody but the page knows when it is well.
      for _ in 1...100 where try await Containers.answer(8778, "/health/") == nil {
        try await Task.sleep(for: .milliseconds(200))
      }
    }

    // MARK: By hand

    private static func status() async throws -> String? {
      try await Person.root.berth("status", "eqmd", "--json").json()["status"].text
    }

    private static func running() async throws -> Set<String> {
      Set(try await BootedHost.output("docker", "ps", "--format", "{{.Names}}").split(separator: "\n").map(String.init))
    }

    private static func compose(_ folder: String, _ words: String...) async throws {
      try await SubprocessRunner().succeed(Command("docker", ["compose", "--project-directory", folder] + words))
    }

    /// A hospital as people set it up for a single one on a machine, which goes afterwards.
    private static func withInstallation(_ body: (String) async throws -> Void) async throws {
      let folder = "/var/tmp/berth-by-hand-\(UUID().uuidString.prefix(8))/hospital"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent) }
      try file.write(toFile: "\(folder)/docker-compose.yml", atomically: true, encoding: .utf8)
      try variables.write(toFile: "\(folder)/.env", atomically: true, encoding: .utf8)
      let result: Result<Void, any Error>
      do {
        try await compose(folder, "up", "--detach", "--wait", "postgres", "eqmd")
        for job in [["migrate", "--noinput"], ["collectstatic", "--noinput"]] {
          try await SubprocessRunner().succeed(
            Command("docker", ["exec", "eqmd_app", "python", "manage.py"] + job))
        }
        result = .success(try await body(folder))
      } catch { result = .failure(error) }
      if case .failure = result { _ = try await Person.root.berth("remove", "eqmd", "--all", "--yes") }
      try await compose(folder, "down", "--volumes", "--timeout", "5")
      try result.get()
    }

    private static let note = #"São "1" $HOME ${X} \n # %i"#

    private static let variables = """
      WARD_NOTE='\(note)'
      EQMD_IMAGE=\(image)
      HOST_PORT=8778
      SECRET_KEY=not-a-secret-at-all
      DEBUG=False
      ALLOWED_HOSTS=localhost,127.0.0.1,ward.example
      SITE_DOMAIN=ward.example
      HOSPITAL_NAME='São José "1"'
      DATABASE_ENGINE=django.db.backends.postgresql
      DATABASE_HOST=postgres
      DATABASE_PORT=5432
      DATABASE_NAME=eqmd_db
      DATABASE_USER=eqmd_user
      DATABASE_PASSWORD=sesame
      POSTGRES_DB=eqmd_db
      POSTGRES_USER=eqmd_user
      POSTGRES_PASSWORD=sesame

      """

    private static let file = """
      services:
        postgres:
          image: \(Hospitals.postgres)
          container_name: eqmd_postgres
          restart: always
          env_file: .env
          ports: ["127.0.0.1:5432:5432"]
          volumes: ["postgres_data:/var/lib/postgresql/data"]
          healthcheck: { test: [CMD, pg_isready, -h, 127.0.0.1, -U, eqmd_user, -d, eqmd_db], interval: 1s, retries: 60 }
        media-init:
          image: ${EQMD_IMAGE}
          container_name: eqmd_media_init
          user: "0:0"
          command: [chown, -R, "1001:1001", /app/media, /app/staticfiles]
          volumes: ["media_files:/app/media", "static_files:/app/staticfiles"]
        eqmd:
          image: ${EQMD_IMAGE}
          container_name: eqmd_app
          restart: unless-stopped
          user: "1001:1001"
          env_file: .env
          ports: ["${HOST_PORT}:8000"]
          volumes: ["media_files:/app/media", "static_files:/app/staticfiles"]
          depends_on:
            postgres: { condition: service_healthy }
            media-init: { condition: service_completed_successfully }
      volumes:
        postgres_data: { name: eqmd_postgres_data }
        media_files: { name: eqmd_media_files }
        static_files: { name: eqmd_static_files }

      """
  }
}
