import BerthKit
import Testing

/// Files for Docker Compose as projects hand them out, shortened to their shapes.
@Suite("Files for Docker Compose as people have them") struct RealComposeTests {
  struct Project: Sendable, CustomTestStringConvertible {
    let name: String
    /// The services of the plugin, each with its variables.
    let services: String
    let compose: String
    /// What each image becomes.
    let images: [String]
    /// What stands in the file as it is handed out and is the plugin's to say; nothing else is refused.
    let foreign: [(line: String, says: String)]
    var testDescription: String { name }
  }

  static let projects = [
    Project(
      name: "paperless",
      services: """
          broker: { compose: compose.yaml }
          db: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.password}}" } }
          webserver: { compose: compose.yaml, depends-on: [db, broker], env: { PAPERLESS_DBPASS: "{{settings.password}}" } }
        """,
      compose: """
        version: "3.4"
        services:
          broker:
            image: docker.io/library/redis:8
            restart: unless-stopped
            volumes: [redisdata:/data]
          db:
            image: docker.io/library/postgres:18
            restart: unless-stopped
            volumes: [pgdata:/var/lib/postgresql]
            environment: { POSTGRES_DB: paperless, POSTGRES_USER: paperless, POSTGRES_PASSWORD: "${DB_PASSWORD}" }
          webserver:
            image: ghcr.io/paperless-ngx/paperless-ngx:latest
            restart: unless-stopped
            #depends_on: [db, broker]
            #ports: ["8000:8000"]
            #env_file: docker-compose.env
            volumes:
              - data:/usr/src/paperless/data/
              - media:/usr/src/paperless/media
            environment: { PAPERLESS_REDIS: "redis://broker:6379", PAPERLESS_DBHOST: db, PAPERLESS_DBPASS: }
        volumes: { data: , media: , pgdata: , redisdata: }
        """,
      images: [
        "docker.io/library/redis:8", "docker.io/library/postgres:18", "ghcr.io/paperless-ngx/paperless-ngx:latest",
      ],
      foreign: [
        ("depends_on", "Berth starts the services"), ("ports", "a port of the host"), ("env_file", "below 'env'"),
      ]),
    Project(
      name: "mealie",
      services: "  mealie: { compose: compose.yaml, limits: { memory: 1000M } }",
      compose: """
        services:
          mealie:
            image: ghcr.io/mealie-recipes/mealie:v3.0.1
            #container_name: mealie
            restart: always
            #ports: ["9925:9000"]
            #deploy: { resources: { limits: { memory: 1000M } } }
            volumes:
              - mealie-data:/app/data/
            environment:
              ALLOW_SIGNUP: "false"
              PUID: 1000
              PGID: 1000
              TZ: America/Anchorage
              BASE_URL: https://mealie.yourdomain.com
        volumes:
          mealie-data:
        """,
      images: ["ghcr.io/mealie-recipes/mealie:v3.0.1"],
      foreign: [("container_name", "a fixed name"), ("ports", "a port of the host"), ("deploy", "say 'limits'")]),
    Project(
      name: "miniflux",
      services: """
          miniflux: { compose: compose.yaml, depends-on: [db] }
          db: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.password}}" } }
        """,
      compose: """
        services:
          miniflux:
            image: ${MINIFLUX_IMAGE:-miniflux/miniflux:latest}
            restart: always
            #container_name: miniflux
            #ports: ["80:8080"]
            #depends_on: { db: { condition: service_healthy } }
            environment:
              - DATABASE_URL=postgres://miniflux:${DB_PASSWORD}@db/miniflux?sslmode=disable
              - RUN_MIGRATIONS=1
              - CREATE_ADMIN=1
          db:
            image: postgres:17-alpine
            environment: [POSTGRES_USER=miniflux, "POSTGRES_PASSWORD=${DB_PASSWORD}", POSTGRES_DB=miniflux]
            volumes: [miniflux-db:/var/lib/postgresql/data]
            healthcheck:
              test: ["CMD", "pg_isready", "-U", "miniflux"]
              interval: 10s
              start_period: 30s
        volumes:
          miniflux-db:
        """,
      images: ["docker.io/miniflux/miniflux:latest", "docker.io/library/postgres:17-alpine"],
      foreign: [
        ("container_name", "a fixed name"), ("ports", "a port of the host"),
        ("depends_on", "Berth starts the services"),
      ]),
    Project(
      name: "immich",
      services: """
          immich-server: { compose: compose.yaml, depends-on: [redis, database], env: { IMMICH_VERSION: "{{settings.tag}}" } }
          immich-machine-learning: { compose: compose.yaml }
          redis: { compose: compose.yaml }
          database: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.password}}", DB_USERNAME: immich } }
        """,
      compose: """
        #name: immich
        services:
          immich-server:
            #container_name: immich_server
            image: ghcr.io/immich-app/immich-server:${IMMICH_VERSION:-release}
            #ports: ["2283:2283"]
            restart: always
            healthcheck: { disable: false }
            volumes: [upload:/data]
            environment: { TZ: "${TZ:-Etc/UTC}" }
          immich_machine_learning:
            image: ghcr.io/immich-app/immich-machine-learning:${IMMICH_VERSION:-release}
            volumes: [model-cache:/cache]
            restart: always
          redis:
            image: docker.io/valkey/valkey:8-bookworm@sha256:fea8b3e67b15729d4bb70589eb03367bab9ad1ee89c876f54327fc7c6e618571
            healthcheck: { test: redis-cli ping || exit 1 }
          database:
            image: ghcr.io/immich-app/postgres:14-vectorchord0.4.3
            environment: { POSTGRES_PASSWORD: "${DB_PASSWORD}", POSTGRES_USER: "${DB_USERNAME}", POSTGRES_INITDB_ARGS: "--data-checksums" }
            shm_size: 128mb
            volumes: [pgdata:/var/lib/postgresql/data]
        volumes: { model-cache: , upload: , pgdata: }
        """,
      images: [
        "ghcr.io/immich-app/immich-server:{{settings.tag}}",
        "ghcr.io/immich-app/immich-machine-learning:{{settings.tag}}",
        "docker.io/valkey/valkey:8-bookworm@sha256:fea8b3e67b15729d4bb70589eb03367bab9ad1ee89c876f54327fc7c6e618571",
        "ghcr.io/immich-app/postgres:14-vectorchord0.4.3",
      ],
      foreign: [
        ("name", "Berth names the project"), ("container_name", "a fixed name"), ("ports", "a port of the host"),
      ]),
    Project(
      name: "nextcloud",
      services: """
          app: { compose: compose.yaml, depends-on: [db, redis], env: { DB_PASSWORD: "{{settings.password}}" } }
          cron: { compose: compose.yaml, depends-on: [db, redis] }
          db: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.password}}" } }
          redis: { compose: compose.yaml }
        """,
      compose: """
        version: '3'
        x-app: &app
          image: nextcloud:apache
          restart: always
          volumes: [nextcloud:/var/www/html/]
        x-logging: &logging
          logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }
        services:
          app:
            <<: [*app, *logging]
            #ports: ["127.0.0.1:8080:80"]
            environment:
              - MYSQL_HOST=db
              - REDIS_HOST=redis
              - MYSQL_PASSWORD=${DB_PASSWORD}
            networks: { default: , proxy: { aliases: [cloud] } }
          cron:
            <<: *app
            entrypoint: /cron.sh
            stop_grace_period: 10s
          db:
            image: mariadb:lts
            command: --transaction-isolation=READ-COMMITTED
            restart: always
            volumes: [db:/var/lib/mysql]
            #links: [app]
            environment: [MYSQL_DATABASE=nextcloud, "MYSQL_PASSWORD=${DB_PASSWORD}"]
          redis:
            <<: *logging
            image: redis:alpine
            restart: always
        volumes:
          db: { driver: local }
          nextcloud:
        networks:
          proxy: { driver: bridge }
        """,
      images: [
        "docker.io/library/nextcloud:apache", "docker.io/library/nextcloud:apache", "docker.io/library/mariadb:lts",
        "docker.io/library/redis:alpine",
      ],
      foreign: [("ports", "a port of the host"), ("links", "found by its name")]),
  ]

  private func read(_ project: Project, _ compose: String) throws -> Manifest {
    let volume =
      project.compose.split(separator: "\n").compactMap { line in
        line.firstMatch(of: /([a-z-]+):\/[a-z]/).map { String($0.1) }
      }.first { $0 != "redis" } ?? ""
    let plugin = """
      schema: 1
      id: app
      name: App
      summary: As people run it
      category: web
      version: "1"
      settings:
        tag: { type: string, default: release }
        password: { type: secret }
      services:
      \(project.services)
      backup: { rows: { service: \(owner(of: volume, project)), volume: \(volume) } }
      """
    return try ManifestReader(file: "p/app/plugin.yaml") { _ in compose }.manifest(from: plugin)
  }

  /// The service that mounts a volume first.
  private func owner(of volume: String, _ project: Project) -> String {
    var service = ""
    for line in project.compose.split(separator: "\n") {
      if let match = line.wholeMatch(of: /[ ]{2}([a-z_-]+):/) { service = String(match.1).replacing("_", with: "-") }
      if line.contains("\(volume):/"), !service.isEmpty { return service }
    }
    return "app"
  }

  @Test("what is the same for every instance is taken as it is", arguments: projects)
  func taken(_ project: Project) throws {
    let manifest = try read(project, project.compose)
    #expect(manifest.services.map { $0.container?.image.source ?? "" } == project.images)
    #expect(manifest.compose?.text == project.compose)
  }

  @Test("what is an instance's own or the plugin's to say is refused, all of it at once", arguments: projects)
  func refused(_ project: Project) throws {
    let whole = project.compose.replacing(/#(?=[a-z_]+:)/, with: "")
    let error = try #require(throws: BerthError.self) { _ = try read(project, whole) }
    let all = ([error.summary] + (error.cause ?? "").split(separator: "\n").dropFirst().map(String.init))
    #expect(all.count == project.foreign.count, "\(all.joined(separator: "\n"))")
    for (word, says) in project.foreign {
      #expect(all.contains { $0.contains("\(word)'") && $0.contains(says) }, "\(word): \(all.joined(separator: "\n"))")
    }
  }
}
