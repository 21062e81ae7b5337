import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Projects in the shapes of public ones, by the real Docker Compose. The images are stand-ins; the database is PostgreSQL.
  @Suite("adopting projects as public apps have them")
  struct PublicProjectHostTests {
    private static let app = "localhost/berth-test/public:1"

    init() throws { try BootedHost.require() }

    @Test(
      "a feed reader: other names, a database in the project's folder, anchors, files of variables, a network of others, and a service that the plugin does not know"
    )
    func reader() async throws {
      try await withProject("feeds", Self.reader) { root, folder in
        try await BootedHost.run(
          "docker", "exec", "reader_db", "psql", "-qU", "ann", "-d", "rows", "-c",
          "create table feed (name text); insert into feed values ('first')")
        try FileManager.default.createDirectory(atPath: "\(folder)/watch", withIntermediateDirectories: true)
        try "kept".write(toFile: "\(folder)/watch/log", atomically: true, encoding: .utf8)
        let before = try Self.owner("\(folder)/db/PG_VERSION")
        // One does not run, one is left of a single command, and somebody else has made one that sees the database's folder.
        try await compose(folder, "stop", "--timeout", "1", "watcher")
        try await compose(folder, "run", "--no-deps", "--name", "reader_once", "--entrypoint", "/bin/true", "reader")
        try await BootedHost.run("docker", "create", "--name", "peek", "--volume", "\(folder)/db:/y", Self.app)
        // What has no place is named, and nothing is stopped.
        let refused = try await root.berth("adopt", "feeds", folder, "--yes", "--json")
        #expect(refused.status == 73 && refused.errors.contains("data-left-behind"), "\(refused.errors)")
        #expect(refused.errors.contains("--leave /watch"), "\(refused.errors)")
        #expect(try await Containers.answer(8095) == "1")
        let plan = try await root.berth("adopt", "feeds", folder, "--leave", "/watch", "--dry-run", "--json")
        let reasons = try plan.json()["changes"].list.flatMap(\.["reasons"].list).compactMap(\.text)
        for line in [
          "\(folder)/db is copied as rows, and peek of others has what was copied", "by their names go on: reader",
          "its service 'db' goes on as 'database', by its image localhost/berth-test/postgres alone; --pair database=SERVICE says otherwise",
          "its service 'reader' was in the network 'front' of others too, and is in the instance's alone",
          "env.TZ is carried as it is",
          "the container 'reader_once' of a single command of its service 'reader' had ended well, as one does that runs once, and has no counterpart",
        ] { #expect(reasons.contains(line), "\(line): \(reasons) \(plan.errors)") }
        for start in [
          "its service 'watcher' had ended with the status ", "'\(folder)/watch' at /watch of 'watcher' stays behind (",
        ] {
          #expect(reasons.contains { $0.hasPrefix(start) }, "\(start): \(reasons)")
        }
        // All that is otherwise, and nothing that Docker or the image says by itself.
        #expect(
          Set(
            reasons.filter {
              $0.contains(" of its service '") && $0.contains(" was ") && !$0.hasPrefix("the container")
            }) == [
              "healthcheck of its service 'db' was one of its own, and is its image's",
              "shm_size of its service 'db' was 256M, and is 128M",
              "hostname of its service 'reader' was page, and is not set",
              "ulimits of its service 'reader' was nofile=1024:2048, and is not set",
              "aliases of its service 'reader' was feeds, and is not set",
            ], "\(reasons)")
        let unknown = try await root.berth("adopt", "feeds", folder, "--pair", "base=db", "--dry-run")
        #expect(unknown.status == 64 && unknown.errors.contains("it has database, reader"), "\(unknown.errors)")
        let shared = try await root.berth(
          "adopt", "feeds", folder, "--leave", "/watch", "--volumes", "keep", "--yes", "--json")
        #expect(shared.status == 73 && shared.errors.contains("peek of others has it too"), "\(shared.errors)")
        try await BootedHost.run("docker", "rm", "peek", "reader_once")
        try await compose(folder, "start", "watcher")
        try await compose(folder, "pause", "watcher")

        for volumes in ["copy", "keep"] {
          let run = try await root.berth(
            "adopt", "feeds", folder, "--pair", "database=db", "--leave", "/watch", "--volumes", volumes, "--yes",
            "--json")
          try #require(run.status == 0, "\(run.errors)")
          let place = try #require(try run.json()["dir"].text) + "/data/volumes/rows"
          #expect(try await Self.feeds("feeds_default_database") == ["first"])
          #expect(try Self.owner("\(place)/PG_VERSION") == before)
          #expect(FileManager.default.fileExists(atPath: "\(folder)/db/PG_VERSION") == (volumes == "copy"))
          let environment = try #require(try await Containers.answer(8095, "/environment"))
          #expect(environment.contains("DATABASE_URL=postgres://ann:pass word@database/rows"), "\(environment)")
          #expect(environment.contains("TZ=America/Bahia"))
          let undo = try await root.berth("adopt", "feeds", "--undo", "--yes")
          #expect(undo.status == 0, "\(undo.errors)")
          #expect(try await Self.feeds("reader_db") == ["first"])
          #expect(try Self.owner("\(folder)/db/PG_VERSION") == before)
          // Each is what it was; the second time, the reader and the watcher do not run.
          let states = volumes == "copy" ? ["running", "paused"] : ["exited", "exited"]
          #expect(try await Self.states("reader", "feeds-watcher-1") == states)
          if volumes == "copy" {
            try await compose(folder, "unpause", "watcher")
            try await compose(folder, "stop", "--timeout", "1", "reader", "watcher")
          }
        }
      }
    }

    @Test("a site of somebody else's with the same name is named with its file before anything is stopped")
    func site() async throws {
      try await WebProxy.with(.nginx) { proxy in
        let theirs = try String(contentsOfFile: proxy.file, encoding: .utf8)
        try proxy.write(
          theirs + "server {\n\tlisten 80;\n\tserver_name feeds.example;\n\treturn 200 theirs;\n}\n", to: proxy.file)
        try await proxy.reload()
        try await withProject("feeds", Self.reader) { root, folder in
          let words = ["adopt", "feeds", folder, "--set", "domain=feeds.example"]
          let plan = try await root.berth(words + ["--dry-run"])
          #expect(plan.status == 73 && plan.output.contains("\(folder)/db is copied as rows"), "\(plan.output)")
          #expect(plan.errors.contains("/default' has the name 'feeds.example' already"), "\(plan.errors)")
          let refused = try await root.berth(words + ["--yes", "--json"])
          #expect(refused.status == 73 && refused.errors.contains("bad-site"), "\(refused.errors)")
          #expect(try await Containers.answer(8095) == "1" && proxy.sites == [])
          try proxy.write(theirs, to: proxy.file)
          let run = try await root.berth(words + ["--yes", "--json"])
          #expect(run.status == 0, "\(run.errors)")
          #expect(try await proxy.get("feeds.example").text == "1")
          #expect(try await root.berth("adopt", "feeds", "--undo", "--yes").status == 0)
          #expect(proxy.sites == [])
        }
      }
    }

    @Test(
      "a photo library: a folder of the operator's behind a link, a volume of others, numbers of its own, and a service by a profile"
    )
    func photos() async throws {
      try await withProject("photos", Self.photos) { root, folder in
        let cache = "/var/lib/docker/volumes/photos-of-others/_data"
        try "thumb".write(toFile: "\(cache)/a", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
          [.ownerAccountID: 1001, .groupOwnerAccountID: 1001], ofItemAtPath: "\(cache)/a")
        try "picture".write(toFile: "\(folder)/pictures/b", atomically: true, encoding: .utf8)
        // It does not run now, and needs its volume all the same.
        try await BootedHost.run("docker", "create", "--name", "gallery", "--volume", "photos-of-others:/x", Self.app)
        let keep = try await root.berth("adopt", "photos", folder, "--volumes", "keep", "--yes", "--json")
        #expect(keep.status == 73 && keep.errors.contains("gallery"), "\(keep.errors)")
        let run = try await root.berth("adopt", "photos", folder, "--yes", "--json")
        try #require(run.status == 0, "\(run.errors)")
        let place = try #require(try run.json()["dir"].text)
        // Its own program reads both, as the instance's user.
        let name = "photos_default_photo-server"
        #expect(try await BootedHost.output("docker", "exec", name, "cat", "/upload/b") == "picture")
        #expect(try await BootedHost.output("docker", "exec", name, "cat", "/cache/a") == "thumb")
        #expect(try Self.owner("\(place)/data/volumes/cache/a")[0] >= 1_900_000_000)
        #expect(try Self.owner("\(cache)/a") == [1001, 1001])
        let settings = try await root.berth("config", "get", "photos", "upload")
        #expect(settings.output.contains("\(folder)/library"), "\(settings.output)")
        let units = try await root.berth("status", "photos", "--json")
        #expect(units.output.contains("photo-learning"), "\(units.output)")
        let undo = try await root.berth("adopt", "photos", "--undo", "--yes")
        #expect(undo.status == 0, "\(undo.errors)")
        #expect(try await Containers.answer(8096) == "1")
        try await BootedHost.run("docker", "rm", "--force", "gallery")
      }
    }

    private static func states(_ containers: String...) async throws -> [String] {
      try await SubprocessRunner().succeed(
        Command("docker", ["container", "inspect", "--format", "{{.State.Status}}"] + containers)
      ).split(separator: "\n").map(String.init)
    }

    private static func feeds(_ container: String) async throws -> [String] {
      try await BootedHost.output(
        "docker", "exec", container, "psql", "-qtAU", "ann", "-d", "rows", "-c", "select name from feed"
      ).split(separator: "\n").map(String.init)
    }

    private static func owner(_ path: String) throws -> [Int] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return try [.ownerAccountID, .groupOwnerAccountID].map { try #require(attributes[$0] as? Int) }
    }

    // MARK: By hand

    private struct Project {
      let plugin: String
      let compose: String
      /// What lies in the project's folder.
      let files: [String: String]
    }

    private func withProject(
      _ id: String, _ project: Project, _ body: (Person, String) async throws -> Void
    ) async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("postgres", as: Hospitals.postgres)
        try await Hospitals.load("web-1", as: Self.app)
        try await BootedHost.run("docker", "network", "create", "front")
        try await BootedHost.run("docker", "volume", "create", "photos-of-others")
        try await BootedHost.withPlugins { plugins in
          let root = Person.root.with(plugins: plugins)
          let head = "schema: 1\nid: \(id)\nname: \(id)\nsummary: Only for a test\ncategory: web\nversion: \"1\"\n"
          try put(head + project.plugin, "\(plugins)/\(id)/plugin.yaml")
          try put(project.compose, "\(plugins)/\(id)/files/compose.yaml")
          let top = "/var/tmp/berth-by-hand-\(UUID().uuidString.prefix(8))"
          let folder = "\(top)/\(id)"
          defer { try? FileManager.default.removeItem(atPath: top) }
          for (name, text) in project.files { try put(text, "\(folder)/\(name)") }
          try FileManager.default.createDirectory(atPath: "\(folder)/pictures", withIntermediateDirectories: true)
          try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/library", withDestinationPath: "\(folder)/pictures")
          let result: Result<Void, any Error>
          do {
            try await compose(folder, "--profile", "more", "up", "--detach", "--wait")
            result = .success(try await body(root, folder))
          } catch { result = .failure(error) }
          if case .failure = result {
            _ = try await root.berth("remove", id, "--all", "--yes")
            _ = try await SubprocessRunner().run(
              Command("docker", ["rm", "--force", "gallery", "peek", "reader_once"]))
          }
          try await compose(folder, "--profile", "more", "down", "--volumes", "--timeout", "5")
          for backup in try await root.berth("backups", "list", id, "--json").json().list {
            let backup = backup["id"].text ?? ""
            _ = try await root.berth("backups", "set", backup, "--no-keep")
            #expect(try await root.berth("backups", "remove", backup, "--yes").status == 0)
          }
          try result.get()
        }
        try await BootedHost.run("docker", "network", "rm", "front")
        try await BootedHost.run("docker", "volume", "rm", "photos-of-others")
        #expect(try await Hospitals.left() == [])
      }
    }

    private func put(_ text: String, _ path: String) throws {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func compose(_ folder: String, _ words: String...) async throws {
      try await SubprocessRunner().succeed(Command("docker", ["compose", "--project-directory", folder] + words))
    }

    private static let reader = Project(
      plugin: """
        settings:
          image: { type: image, default: "localhost/berth-test/public:1" }
          domain: { type: hostname, optional: true }
          user: { type: string, default: reader }
          password: { type: secret }
        ports:
          http: { protocol: tcp, default: 8095, bind: 127.0.0.1, service: reader, target: 8080 }
        services:
          database:
            compose: compose.yaml
            env: { DB_USER: "{{settings.user}}", DB_PASSWORD: "{{settings.password}}" }
            stop: { signal: SIGINT, grace: 20s }
            ready: { exec: [pg_isready, -h, 127.0.0.1, -U, "{{settings.user}}", -d, rows], timeout: 60s }
            capabilities:
              CAP_CHOWN: it gives the folder of the database to its own user
              CAP_DAC_OVERRIDE: the folder is another user's before
              CAP_FOWNER: it closes the folder to all others
              CAP_SETGID: it becomes its own user
              CAP_SETUID: it becomes its own user
          reader:
            compose: compose.yaml
            depends-on: [database]
            env:
              IMAGE: "{{settings.image}}"
              DATABASE_URL: "postgres://{{settings.user}}:{{settings.password}}@database/rows?sslmode=disable"
            ready: { http: { port: http, path: /health }, timeout: 30s }
        routes: { web: { host: "{{settings.domain}}", port: http } }
        backup: { rows: { service: database, volume: rows } }
        """,
      compose: """
        services:
          database:
            image: localhost/berth-test/postgres:17
            environment: ["POSTGRES_USER=${DB_USER}", "POSTGRES_PASSWORD=${DB_PASSWORD}", POSTGRES_DB=rows]
            volumes: [rows:/var/lib/postgresql/data]
            shm_size: 128m
          reader: { image: "${IMAGE}", environment: [RUN_MIGRATIONS=1] }
        volumes: { rows: }
        """,
      files: [
        ".env": "DB_PASSWORD='pass word'\n", "common.env": "TZ=America/Bahia\n",
        "docker-compose.yml": """
        x-common: &common
          restart: unless-stopped
          env_file: [common.env]
        services:
          db:
            <<: *common
            image: localhost/berth-test/postgres:17
            container_name: reader_db
            environment: { POSTGRES_USER: ann, POSTGRES_PASSWORD: "${DB_PASSWORD}", POSTGRES_DB: rows }
            volumes: ["./db:/var/lib/postgresql/data/"]
            shm_size: 256m
            healthcheck: { test: [CMD, pg_isready, -h, 127.0.0.1, -U, ann, -d, rows], interval: 1s, retries: 60 }
          reader:
            <<: *common
            image: localhost/berth-test/public:1
            container_name: reader
            environment:
              DATABASE_URL: postgres://ann:${DB_PASSWORD}@db/rows?sslmode=disable
              RUN_MIGRATIONS: 1
            ports: ["8095:8080"]
            networks: { default: { aliases: [feeds] }, front: }
            hostname: page
            ulimits: { nofile: { soft: 1024, hard: 2048 } }
            depends_on: { db: { condition: service_healthy } }
          watcher:
            <<: *common
            image: localhost/berth-test/public:1
            volumes: ["./watch:/watch"]
        networks: { front: { external: true } }

        """,
      ])

    private static let photos = Project(
      plugin: """
        settings:
          tag: { type: string, default: "0" }
          upload: { type: path }
          learning: { type: bool, default: false }
        ports:
          http: { protocol: tcp, default: 8096, bind: 127.0.0.1, service: photo-server, target: 8080 }
        services:
          photo-server:
            compose: compose.yaml
            env: { TAG: "{{settings.tag}}", OWN_UID: "{{instance.uid}}", OWN_GID: "{{instance.gid}}" }
            mounts: { /upload: "{{settings.upload}}" }
            ready: { http: { port: http, path: /health }, timeout: 30s }
          photo-learning: { compose: compose.yaml, when: { learning: true } }
        backup: { cache: { service: photo-server, volume: cache } }
        """,
      compose: """
        services:
          photo-server:
            image: localhost/berth-test/public:${TAG:-latest}
            user: "${OWN_UID}:${OWN_GID}"
            volumes: [cache:/cache]
          photo-learning: { image: "localhost/berth-test/public:${TAG:-latest}" }
        volumes: { cache: }
        """,
      files: [
        "compose.yaml": """
        services:
          photo_server:
            image: localhost/berth-test/public:${VERSION:-1}
            user: "1001:1001"
            volumes:
              - { type: bind, source: ./library, target: /upload }
              - cache:/cache
            ports: ["127.0.0.1:8096:8080"]
          photo_learning:
            image: localhost/berth-test/public:${VERSION:-1}
            profiles: [more]
        volumes: { cache: { external: true, name: photos-of-others } }

        """
      ])
  }
}
