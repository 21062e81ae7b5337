import BerthKit
import Testing

/// Projects of Docker Compose as public apps have their people run them, and plugins that take such a project over. The names
/// of services, images, volumes and variables are those of the apps' own documents.
struct PublicProject: Sendable, CustomTestStringConvertible {
  let id: String
  /// What stands in the plugin below its head.
  let plugin: String
  /// The plugin's file for Docker Compose.
  let compose: String
  let project: ForeignProject
  /// What a person would have to say.
  var given: [String: String] = [:]
  /// What is read.
  let settings: [String: String]
  /// Places in the instance by the paths of the host.
  let volumes: [String: String]
  let ports: [String: Int]
  /// What the plan says beside.
  let notices: Set<String>
  var testDescription: String { id }

  func manifest() throws -> Manifest {
    let head = """
      schema: 1
      id: \(id)
      name: \(id)
      summary: Only for a test
      category: web
      version: "1"

      """
    return try ManifestReader(file: "p/\(id)/plugin.yaml") { _ in compose }.manifest(from: head + plugin)
  }

  /// A container as Docker tells of it.
  static func container(
    _ service: String, _ image: String, name: String? = nil, user: FileNumbers? = nil,
    environment: [String: String] = [:], facts: [ContainerFact: String] = [:], mounts: [ForeignContainer.Mount] = [],
    port: (Int, Int)? = nil, networks: [String] = [], labels: [String] = []
  ) -> ForeignContainer {
    ForeignContainer(
      handle: ContainerHandle(
        id: String(repeating: "a", count: 64), name: name ?? "old-\(service)-1", restart: "unless-stopped"),
      service: service, image: image, user: user,
      environment: environment.merging(["PATH": "/usr/bin"]) { own, _ in own }, imageEnvironment: ["PATH": "/usr/bin"],
      mounts: mounts,
      ports: port.map { [.init(published: PortNumber(.tcp, $0.0), address: "0.0.0.0", target: $0.1)] } ?? [],
      networks: networks, facts: facts, labels: labels)
  }

  static func volume(_ name: String, _ target: String) -> ForeignContainer.Mount {
    .init(target: target, path: "/var/lib/docker/volumes/\(name)/_data", volume: name)
  }

  static func folder(_ path: String, _ target: String, readOnly: Bool = false) -> ForeignContainer.Mount {
    .init(target: target, path: path, volume: nil, readOnly: readOnly)
  }
}

extension PublicProject {
  static let all = [paperless, mealie, miniflux, immich, nextcloud]

  /// A folder of the operator's for what comes in, one in the project's folder for what goes out, and helpers that may be there.
  static let paperless = PublicProject(
    id: "paperless",
    plugin: """
      settings:
        tag: { type: string, default: "2.0" }
        db-password: { type: secret }
        key: { type: secret, length: 50 }
        inbox: { type: path, default: "{{paths.data}}/inbox" }
        office: { type: bool, default: false }
        language: { type: string, optional: true }
      ports:
        http: { protocol: tcp, default: 8000, bind: 127.0.0.1, service: webserver, target: 8000 }
      services:
        broker: { compose: compose.yaml }
        db: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.db-password}}" } }
        webserver:
          compose: compose.yaml
          depends-on: [broker, db]
          env:
            TAG: "{{settings.tag}}"
            USERMAP_UID: "{{instance.uid}}"
            USERMAP_GID: "{{instance.gid}}"
            PAPERLESS_DBPASS: "{{settings.db-password}}"
            PAPERLESS_SECRET_KEY: "{{settings.key}}"
            PAPERLESS_OCR_LANGUAGE: "{{settings.language}}"
          mounts:
            /usr/src/paperless/export: "{{paths.data}}/export"
            /usr/src/paperless/consume: "{{settings.inbox}}"
        tika: { compose: compose.yaml, when: { office: true } }
      backup: { media: { service: webserver, volume: media } }
      """,
    compose: """
      services:
        broker: { image: "docker.io/library/redis:8", volumes: [redisdata:/data] }
        db:
          image: docker.io/library/postgres:17
          volumes: [pgdata:/var/lib/postgresql/data]
          environment: { POSTGRES_DB: paperless, POSTGRES_USER: paperless, POSTGRES_PASSWORD: "${DB_PASSWORD}" }
        webserver:
          image: ghcr.io/paperless-ngx/paperless-ngx:${TAG:-latest}
          volumes: [data:/usr/src/paperless/data, media:/usr/src/paperless/media]
          environment: { PAPERLESS_REDIS: "redis://broker:6379", PAPERLESS_DBHOST: db }
        tika: { image: "docker.io/apache/tika:latest" }
      volumes: { data: , media: , pgdata: , redisdata: }
      """,
    project: ForeignProject(
      name: "paperless",
      containers: [
        container("broker", "docker.io/library/redis:8", mounts: [volume("paperless_redisdata", "/data")]),
        container(
          "db", "docker.io/library/postgres:16",
          environment: [
            "POSTGRES_DB": "paperless", "POSTGRES_USER": "paperless", "POSTGRES_PASSWORD": "not so secret",
          ], mounts: [volume("paperless_pgdata", "/var/lib/postgresql/data")]),
        container("gotenberg", "docker.io/gotenberg/gotenberg:8.21", facts: [.command: "gotenberg"]),
        container("tika", "docker.io/apache/tika:latest"),
        container(
          "webserver", "ghcr.io/paperless-ngx/paperless-ngx:latest",
          environment: [
            "PAPERLESS_REDIS": "redis://broker:6379", "PAPERLESS_DBHOST": "db", "USERMAP_UID": "1000",
            "USERMAP_GID": "100", "PAPERLESS_DBPASS": "not so secret", "PAPERLESS_SECRET_KEY": "change-me",
            "PAPERLESS_TIKA_ENABLED": "1", "PAPERLESS_TIKA_ENDPOINT": "http://tika:9998",
            "PAPERLESS_URL": "https://papers.example",
          ],
          mounts: [
            volume("paperless_data", "/usr/src/paperless/data/"), volume("paperless_media", "/usr/src/paperless/media"),
            folder("/srv/paperless/export", "/usr/src/paperless/export"),
            folder("/srv/paperless/consume", "/usr/src/paperless/consume"),
          ], port: (8010, 8000)),
      ]),
    settings: [
      "tag": "latest", "db-password": "not so secret", "key": "change-me", "office": "true",
      "inbox": "/srv/paperless/consume", "env.PAPERLESS_TIKA_ENABLED@webserver": "1",
      "env.PAPERLESS_TIKA_ENDPOINT@webserver": "http://tika:9998",
      "env.PAPERLESS_URL@webserver": "https://papers.example",
    ],
    volumes: [
      "data/volumes/redisdata": "paperless_redisdata", "data/volumes/pgdata": "paperless_pgdata",
      "data/volumes/data": "paperless_data", "data/volumes/media": "paperless_media",
      "data/export": "/srv/paperless/export",
    ], ports: ["http": 8010],
    notices: [
      "by their names go on: broker, db, webserver, tika",
      "its service 'gotenberg' is stopped, and has no counterpart",
      "the image of 'db' was docker.io/library/postgres:16, and is docker.io/library/postgres:17",
      "'/srv/paperless/consume' stays where it is, and the setting 'inbox' leads to it",
      "port 8010 was open on 0.0.0.0, and is on 127.0.0.1",
    ])

  /// Variables of a person's numbers, names of containers, and a slash at the end of a place.
  static let mealie = PublicProject(
    id: "mealie",
    plugin: """
      settings:
        image: { type: image, default: "ghcr.io/mealie-recipes/mealie:v3.0.1" }
        url: { type: string, pattern: "https?://[^ ]+" }
        user: { type: string, default: mealie }
        password: { type: secret }
        signup: { type: bool, default: false }
      ports:
        http: { protocol: tcp, default: 9925, bind: 127.0.0.1, service: mealie, target: 9000 }
      services:
        mealie:
          compose: compose.yaml
          depends-on: [database]
          env:
            IMAGE: "{{settings.image}}"
            PUID: "{{instance.uid}}"
            PGID: "{{instance.gid}}"
            BASE_URL: "{{settings.url}}"
            ALLOW_SIGNUP: "{{settings.signup}}"
            POSTGRES_SERVER: database
            POSTGRES_USER: "{{settings.user}}"
            POSTGRES_PASSWORD: "{{settings.password}}"
          limits: { memory: 1000M }
        database:
          compose: compose.yaml
          env: { POSTGRES_USER: "{{settings.user}}", POSTGRES_PASSWORD: "{{settings.password}}", POSTGRES_DB: mealie }
      backup: { data: { service: mealie, volume: data } }
      """,
    compose: """
      services:
        mealie: { image: "${IMAGE}", volumes: [data:/app/data], environment: { DB_ENGINE: postgres, POSTGRES_PORT: 5432 } }
        database: { image: "postgres:17", volumes: [rows:/var/lib/postgresql/data] }
      volumes: { data: , rows: }
      """,
    project: ForeignProject(
      name: "mealie",
      containers: [
        container(
          "mealie", "ghcr.io/mealie-recipes/mealie:v3.13.0", name: "mealie",
          environment: [
            "ALLOW_SIGNUP": "true", "PUID": "1000", "PGID": "1000", "TZ": "America/Anchorage",
            "BASE_URL": "https://food.example", "DB_ENGINE": "postgres", "POSTGRES_USER": "cook",
            "POSTGRES_PASSWORD": "salt", "POSTGRES_SERVER": "postgres", "POSTGRES_PORT": "5432",
            "POSTGRES_DB": "mealie",
          ], mounts: [volume("mealie_mealie-data", "/app/data/")], port: (9925, 9000)),
        container(
          "postgres", "docker.io/library/postgres:17", name: "postgres",
          environment: [
            "POSTGRES_PASSWORD": "salt", "POSTGRES_USER": "cook", "PGUSER": "cook", "POSTGRES_DB": "mealie",
          ], mounts: [volume("mealie_mealie-pgdata", "/var/lib/postgresql/data")]),
      ]),
    settings: [
      "image": "ghcr.io/mealie-recipes/mealie:v3.13.0", "url": "https://food.example", "user": "cook",
      "password": "salt", "signup": "true", "env.TZ@mealie": "America/Anchorage", "env.PGUSER@database": "cook",
    ],
    volumes: ["data/volumes/data": "mealie_mealie-data", "data/volumes/rows": "mealie_mealie-pgdata"],
    ports: ["http": 9925],
    notices: [
      "by their names go on: mealie",
      "its service 'postgres' goes on as 'database', by its image docker.io/library/postgres alone; --pair database=SERVICE says otherwise",
      "POSTGRES_SERVER was postgres, and becomes database",
      "port 9925 was open on 0.0.0.0, and is on 127.0.0.1",
      "POSTGRES_DB stays behind for 'mealie', which the plugin does not give it to",
    ])

  /// All of a database's access in one variable, and a database in a folder of the project's.
  static let miniflux = PublicProject(
    id: "miniflux",
    plugin: """
      settings:
        user: { type: string, default: miniflux }
        password: { type: secret }
        admin-password: { type: secret }
      ports:
        http: { protocol: tcp, default: 8080, bind: 127.0.0.1, service: miniflux, target: 8080 }
      services:
        miniflux:
          compose: compose.yaml
          depends-on: [database]
          env:
            DATABASE_URL: "postgres://{{settings.user}}:{{settings.password}}@database/miniflux?sslmode=disable"
            ADMIN_PASSWORD: "{{settings.admin-password}}"
        database:
          compose: compose.yaml
          env: { DB_USER: "{{settings.user}}", DB_PASSWORD: "{{settings.password}}" }
      backup: { rows: { service: database, volume: rows } }
      """,
    compose: """
      services:
        miniflux:
          image: miniflux/miniflux:latest
          environment: [RUN_MIGRATIONS=1, CREATE_ADMIN=1, ADMIN_USERNAME=admin]
        database:
          image: postgres:17-alpine
          environment: ["POSTGRES_USER=${DB_USER}", "POSTGRES_PASSWORD=${DB_PASSWORD}", POSTGRES_DB=miniflux]
          volumes: [rows:/var/lib/postgresql/data]
      volumes: { rows: }
      """,
    project: ForeignProject(
      name: "miniflux",
      containers: [
        container(
          "db", "docker.io/library/postgres:17-alpine",
          environment: ["POSTGRES_USER": "miniflux", "POSTGRES_PASSWORD": "secret", "POSTGRES_DB": "miniflux"],
          mounts: [folder("/srv/flux/db", "/var/lib/postgresql/data")]),
        container(
          "miniflux", "docker.io/miniflux/miniflux:latest",
          environment: [
            "DATABASE_URL": "postgres://miniflux:secret@db/miniflux?sslmode=disable", "RUN_MIGRATIONS": "1",
            "CREATE_ADMIN": "1", "ADMIN_USERNAME": "admin", "ADMIN_PASSWORD": "test123", "DEBUG": "1",
          ], port: (80, 8080), networks: ["proxy"], labels: ["traefik.enable"]),
      ]),
    settings: [
      "user": "miniflux", "password": "secret", "admin-password": "test123", "env.DEBUG@miniflux": "1",
    ],
    volumes: ["data/volumes/rows": "/srv/flux/db"], ports: ["http": 80],
    notices: [
      "by their names go on: miniflux",
      "its service 'db' goes on as 'database', by its image docker.io/library/postgres alone; --pair database=SERVICE says otherwise",
      "its service 'miniflux' was in the network 'proxy' of others too, and is in the instance's alone",
      "its service 'miniflux' had the labels traefik.enable, and has none of them",
      "port 80 was open on 0.0.0.0, and is on 127.0.0.1",
    ])

  /// Names with an underscore, a folder of the operator's for pictures, files of the host, and a digest.
  static let immich = PublicProject(
    id: "immich",
    plugin: """
      settings:
        version: { type: string, default: release }
        upload: { type: path }
        password: { type: secret }
        learning: { type: bool, default: true }
      ports:
        http: { protocol: tcp, default: 2283, bind: 127.0.0.1, service: immich-server, target: 2283 }
      services:
        immich-server:
          compose: compose.yaml
          depends-on: [redis, database]
          env: { IMMICH_VERSION: "{{settings.version}}", DB_HOSTNAME: database, DB_PASSWORD: "{{settings.password}}" }
          mounts:
            /data: "{{settings.upload}}"
            /etc/localtime: { from: /etc/localtime, mode: ro }
        immich-machine-learning: { compose: compose.yaml, when: { learning: true } }
        redis: { compose: compose.yaml }
        database: { compose: compose.yaml, env: { DB_PASSWORD: "{{settings.password}}" } }
      backup: { rows: { service: database, volume: rows } }
      """,
    compose: """
      services:
        immich-server:
          image: ghcr.io/immich-app/immich-server:${IMMICH_VERSION:-release}
          environment: { DB_USERNAME: postgres, DB_DATABASE_NAME: immich, REDIS_HOSTNAME: redis }
        immich-machine-learning:
          image: ghcr.io/immich-app/immich-machine-learning:${IMMICH_VERSION:-release}
          volumes: [models:/cache]
        redis: { image: "docker.io/valkey/valkey:8-bookworm" }
        database:
          image: ghcr.io/immich-app/postgres:14-vectorchord0.4.3
          environment: { POSTGRES_PASSWORD: "${DB_PASSWORD}", POSTGRES_USER: postgres, POSTGRES_DB: immich }
          volumes: [rows:/var/lib/postgresql/data]
      volumes: { models: , rows: }
      """,
    project: ForeignProject(
      name: "immich",
      containers: [
        container(
          "database", "ghcr.io/immich-app/postgres:14-vectorchord0.4.3@sha256:\(String(repeating: "1", count: 64))",
          name: "immich_postgres",
          environment: ["POSTGRES_PASSWORD": "dark room", "POSTGRES_USER": "postgres", "POSTGRES_DB": "immich"],
          mounts: [folder("/srv/immich/postgres", "/var/lib/postgresql/data")]),
        container(
          "redis", "docker.io/valkey/valkey:8-bookworm@sha256:\(String(repeating: "2", count: 64))",
          name: "immich_redis", mounts: [volume(String(repeating: "d", count: 64), "/data")]),
        container(
          "immich-server", "ghcr.io/immich-app/immich-server:v1.140.0", name: "immich_server",
          environment: [
            "DB_HOSTNAME": "immich_postgres", "DB_USERNAME": "postgres", "DB_PASSWORD": "dark room",
            "DB_DATABASE_NAME": "immich", "REDIS_HOSTNAME": "redis", "UPLOAD_LOCATION": "./library",
            "IMMICH_VERSION": "v1.140.0", "REDIS_URL": "redis://immich_redis:6379",
          ],
          mounts: [
            folder("/srv/immich/library", "/data"), folder("/etc/localtime", "/etc/localtime", readOnly: true),
          ], port: (2283, 2283)),
      ]),
    settings: [
      "version": "v1.140.0", "upload": "/srv/immich/library", "password": "dark room", "learning": "false",
      "env.UPLOAD_LOCATION@immich-server": "./library", "env.REDIS_URL@immich-server": "redis://immich_redis:6379",
    ],
    volumes: ["data/volumes/rows": "/srv/immich/postgres"], ports: ["http": 2283],
    notices: [
      "by their names go on: immich-server, redis, database",
      "DB_HOSTNAME was immich_postgres, and becomes database",
      "env.REDIS_URL@immich-server names 'immich_redis', which is called 'redis' in the instance",
      "'/srv/immich/library' stays where it is, and the setting 'upload' leads to it",
      "an unnamed volume at /data of 'redis' stays behind (12K)",
      "port 2283 was open on 0.0.0.0, and is on 127.0.0.1",
      "the image of 'database' was ghcr.io/immich-app/postgres:14-vectorchord0.4.3@sha256:\(String(repeating: "1", count: 64)), and is ghcr.io/immich-app/postgres:14-vectorchord0.4.3",
      "the image of 'redis' was docker.io/valkey/valkey:8-bookworm@sha256:\(String(repeating: "2", count: 64)), and is docker.io/valkey/valkey:8-bookworm",
    ])

  /// One volume of two services, another in it, and a file of variables that both read.
  static let nextcloud = PublicProject(
    id: "nextcloud",
    plugin: """
      settings:
        image: { type: image, default: "docker.io/library/nextcloud:apache" }
        password: { type: secret }
      ports:
        http: { protocol: tcp, default: 8080, bind: 127.0.0.1, service: app, target: 80 }
      services:
        app:
          compose: compose.yaml
          depends-on: [db, redis]
          env: { NEXTCLOUD_IMAGE: "{{settings.image}}", POSTGRES_PASSWORD: "{{settings.password}}" }
        cron: { compose: compose.yaml, depends-on: [db, redis] }
        db: { compose: compose.yaml, env: { POSTGRES_PASSWORD: "{{settings.password}}" } }
        redis: { compose: compose.yaml }
      backup: { html: { service: app, volume: html } }
      """,
    compose: """
      x-app: &app
        image: ${NEXTCLOUD_IMAGE}
        volumes: [html:/var/www/html]
      services:
        app:
          <<: *app
          environment: [POSTGRES_HOST=db, REDIS_HOST=redis, POSTGRES_DB=nextcloud, POSTGRES_USER=nextcloud]
        cron: { <<: *app, entrypoint: /cron.sh }
        db:
          image: postgres:alpine
          volumes: [db:/var/lib/postgresql/data]
          environment: [POSTGRES_DB=nextcloud, POSTGRES_USER=nextcloud]
        redis: { image: "redis:alpine" }
      volumes: { db: , html: }
      """,
    project: ForeignProject(
      name: "cloud",
      containers: [
        container(
          "db", "docker.io/library/postgres:alpine",
          environment: ["POSTGRES_DB": "nextcloud", "POSTGRES_USER": "nextcloud", "POSTGRES_PASSWORD": "sky"],
          mounts: [volume("cloud_db", "/var/lib/postgresql/data")]),
        container("redis", "docker.io/library/redis:alpine"),
        container(
          "app", "docker.io/library/nextcloud:30-apache",
          environment: [
            "POSTGRES_HOST": "db", "REDIS_HOST": "redis", "POSTGRES_DB": "nextcloud", "POSTGRES_USER": "nextcloud",
            "POSTGRES_PASSWORD": "sky", "PHP_MEMORY_LIMIT": "1G",
          ], mounts: [volume("cloud_nextcloud", "/var/www/html"), folder("/tank/cloud", "/var/www/html/data")],
          port: (8080, 80)),
        container(
          "cron", "docker.io/library/nextcloud:30-apache", environment: ["PHP_MEMORY_LIMIT": "1G"],
          facts: [.entrypoint: "/cron.sh"],
          mounts: [volume("cloud_nextcloud", "/var/www/html"), folder("/tank/cloud", "/var/www/html/data")]),
      ]),
    settings: [
      "image": "docker.io/library/nextcloud:30-apache", "password": "sky", "env.PHP_MEMORY_LIMIT@app": "1G",
      "env.PHP_MEMORY_LIMIT@cron": "1G",
    ],
    volumes: [
      "data/volumes/db": "cloud_db", "data/volumes/html": "cloud_nextcloud", "data/volumes/html/data": "/tank/cloud",
    ], ports: ["http": 8080],
    notices: [
      "by their names go on: app, cron, db, redis", "port 8080 was open on 0.0.0.0, and is on 127.0.0.1",
    ])
}
