import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthEngine

/// Every variable that EquipeMed's example of a `.env` names, with values of our own.
@Suite("Adopting EquipeMed with all of its variables")
struct AdoptionEnvironmentTests {
  private static let variables = [
    "SECRET_KEY": "sesame", "DEBUG": "False", "ALLOWED_HOSTS": "ward.example,www.ward.example,localhost,127.0.0.1",
    "REGISTRY": "ghcr.io", "REGISTRY_USER": "ward", "REGISTRY_TOKEN": "token-1",
    "EQMD_IMAGE": "ghcr.io/ward/eqmd:stable", "EQMD_UID": "1001", "EQMD_GID": "1001", "CONTAINER_PREFIX": "eqmd",
    "HOST_PORT": "8778", "DEV_PORT": "8779", "DATABASE_ENGINE": "django.db.backends.postgresql",
    "DATABASE_NAME": "ward_db", "DATABASE_TEST_NAME": "test_ward_db", "DATABASE_USER": "ward_user",
    "DATABASE_PASSWORD": "rows-1", "DATABASE_HOST": "postgres", "DATABASE_PORT": "5432", "POSTGRES_DB": "ward_db",
    "POSTGRES_USER": "ward_user", "POSTGRES_PASSWORD": "rows-1", "POSTGRES_PORT": "5432",
    "DATABASE_URL": "sqlite:///db.sqlite3", "HOSPITAL_NAME": "Santa \"Ana\"", "HOSPITAL_ADDRESS": "Rua 1, Salvador",
    "HOSPITAL_PHONE": "+55 71 1234", "HOSPITAL_EMAIL": "ward@ward.example", "HOSPITAL_CNES": "1234567",
    "HOSPITAL_CNPJ": "12.345.678/0001-90", "HOSPITAL_CITY": "Salvador", "HOSPITAL_STATE_FULL": "Bahia",
    "HOSPITAL_SHORT_ID": "hsa", "HOSPITAL_WEBSITE": "https://ward.example",
    "HOSPITAL_LOGO_URL": "https://ward.example/l",
    "HOSPITAL_LOGO_PATH": "static/images/logo.png", "HOSPITAL_PDF_FORMS_ENABLED": "true",
    "HOSPITAL_PDF_FORMS_PATH": "/app/forms", "PDF_FORMS_MAX_FILE_SIZE": "1048576",
    "PDF_FORMS_REQUIRE_VALIDATION": "False",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "smtp.ward.example",
    "EMAIL_PORT": "2525", "EMAIL_USE_TLS": "True", "EMAIL_HOST_USER": "post@ward.example",
    "EMAIL_HOST_PASSWORD": "letters", "DEFAULT_FROM_EMAIL": "post@ward.example", "SERVER_EMAIL": "root@ward.example",
    "ACCOUNT_EMAIL_VERIFICATION": "optional", "SITE_ID": "1", "SITE_DOMAIN": "ward.example",
    "SITE_NAME": "Santa \"Ana\"",
    "DJANGO_CSRF_TRUSTED_ORIGINS": "https://ward.example", "SECURE_SSL_REDIRECT": "True",
    "SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https", "SECURE_HSTS_SECONDS": "31536000",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": "True", "SECURE_HSTS_PRELOAD": "True", "SESSION_COOKIE_SECURE": "False",
    "CSRF_COOKIE_SECURE": "False", "SESSION_COOKIE_HTTPONLY": "True", "CSRF_COOKIE_HTTPONLY": "True",
    "STATIC_URL": "/static/", "STATIC_ROOT": "/app/staticfiles", "MEDIA_URL": "/media/", "MEDIA_ROOT": "/app/media",
    "LOG_LEVEL": "INFO", "DJANGO_LOG_LEVEL": "INFO", "DEBUG_TOOLBAR": "False", "WEBPACK_DEV_SERVER": "False",
    "EQMD_DOMAIN": "ward.example", "MATRIX_FQDN": "matrix.ward.example", "CHAT_FQDN": "chat.ward.example",
    "MATRIX_PUBLIC_BASEURL": "https://matrix.ward.example/", "OIDC_ISSUER": "https://ward.example/o",
    "MATRIX_DATABASE_PASSWORD": "rows-2", "SYNAPSE_OIDC_CLIENT_SECRET": "client-1",
    "SYNAPSE_OIDC_PROVIDER_ID": "equipemed", "SYNAPSE_VERSION": "v1.99.0", "ELEMENT_VERSION": "v1.11.58",
    "SYNAPSE_ADMIN_TOKEN": "token-2", "MATRIX_ADMIN_INTERNAL_URL": "http://matrix-synapse:8008",
    "MATRIX_CLIENT_INTERNAL_URL": "http://matrix-synapse:8008", "MATRIX_ADMIN_USERS": "@ana:matrix.ward.example",
    "MATRIX_BOT_USER_ID": "@bot:matrix.ward.example", "MATRIX_BOT_DISPLAY_NAME": "Bot",
    "MATRIX_BOT_ACCESS_TOKEN": "token-3", "MATRIX_GLOBAL_ROOM_NAME": "Equipe - Todos", "MATRIX_SYNAPSE_PORT": "8008",
    "MATRIX_ELEMENT_PORT": "8080", "DELEGATED_TOKEN_SECRET": "delegated", "SENTRY_DSN": "https://s.example/1",
    "CACHE_URL": "redis://cache:6379/1", "CELERY_BROKER_URL": "redis://cache:6379/0",
    "CELERY_RESULT_BACKEND": "redis://cache:6379/0", "TIME_ZONE": "America/Bahia", "LANGUAGE_CODE": "pt-br",
    "FILE_UPLOAD_MAX_MEMORY_SIZE": "26214400", "DATA_UPLOAD_MAX_MEMORY_SIZE": "26214400",
  ]

  /// The project as its file has it: the program reads the whole `.env`, the database what it is given.
  private static let project = ForeignProject(
    name: "eqmd",
    containers: [
      ForeignContainer(
        handle: ContainerHandle(
          id: String(repeating: "a", count: 64), name: "eqmd_postgres", restart: "unless-stopped"),
        service: "postgres", image: "docker.io/library/postgres:15-alpine",
        environment: [
          "POSTGRES_DB": "ward_db", "POSTGRES_USER": "ward_user", "POSTGRES_PASSWORD": "rows-1",
          "POSTGRES_INITDB_ARGS": "--encoding=UTF-8 --lc-collate=C --lc-ctype=C",
        ],
        mounts: [volume("eqmd_postgres_data", "/var/lib/postgresql/data")],
        ports: [.init(published: PortNumber(.tcp, 5432), address: "127.0.0.1", target: 5432)],
        facts: [.command: "postgres -c max_connections=50"]),
      ForeignContainer(
        handle: ContainerHandle(id: String(repeating: "b", count: 64), name: "eqmd_app", restart: "unless-stopped"),
        service: "eqmd", image: "ghcr.io/ward/eqmd:stable", user: FileNumbers(user: 1001, group: 1001),
        environment: variables,
        mounts: [
          volume("eqmd_media_files", "/app/media"), volume("eqmd_database", "/app/database"),
          volume("eqmd_static_files", "/app/staticfiles"),
        ], ports: [.init(published: PortNumber(.tcp, 8778), address: "0.0.0.0", target: 8000)]),
    ])

  private static func volume(_ name: String, _ target: String) -> ForeignContainer.Mount {
    .init(target: target, path: "/var/lib/docker/volumes/\(name)/_data", volume: name)
  }

  @Test("each is what it was in the instance's container, or the plan names it")
  func all() async throws {
    let host = try TestHost(.system)
    for name in ["postgres_data", "media_files", "database", "static_files"] {
      try host.files.makeFolder("/var/lib/docker/volumes/eqmd_\(name)/_data", mode: 0o755, owner: nil)
    }
    try host.files.write(
      "body {}", to: "/var/lib/docker/volumes/eqmd_static_files/_data/a.css", mode: 0o644, owner: nil, anchor: nil)
    host.projects.set {
      $0.projects["/srv/eqmd"] = Self.project
      $0.running = ["eqmd_postgres", "eqmd_app"]
    }
    host.docker.set {
      $0.images = ["ghcr.io/ward/eqmd:stable", "docker.io/library/postgres:15-alpine"].enumerated().map {
        ContainerImage(id: String(repeating: "\($0.offset)", count: 64), names: [$0.element])
      }
    }
    let plugins = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/") + "/plugins.d"
    let plugin = try PluginLoader(files: LinuxFileTree()).catalog(builtIn: [], folders: [plugins]).plugin("eqmd")
    let plan = try await host.berth([plugin]).planAdoption(AdoptRequest(app: "eqmd", folder: "/srv/eqmd"))
    let reasons = plan.changes.flatMap(\.reasons)
    let file = try #require(
      plan.steps.lazy.compactMap { step in
        if case .writeFile(let file) = step.step, file.path.hasSuffix(ScopePaths.composeOverride) { file } else { nil }
      }.first)
    struct Override: Decodable {
      struct Service: Decodable { let environment: [String: String] }
      let services: [String: Service]
    }
    let now = try #require(
      try JSONDecoder().decode(Override.self, from: Data(file.text.utf8)).services["eqmd"]?.environment)
    for (name, value) in Self.variables {
      // Compose reads the file, where `$` is written twice.
      let isSame = now[name]?.replacing("$$", with: "$").lowercased() == value.lowercased()
      let isNamed = reasons.contains { reason in
        reason.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == name }
      }
      #expect(isSame || isNamed, "\(name) is \(now[name] ?? "not set"), and the plan says nothing")
    }
    // The control: what is no secret and becomes another value is told with both.
    #expect(reasons.contains("CONTAINER_PREFIX was eqmd, and becomes eqmd_default"), "\(reasons)")
    #expect(reasons.contains { $0.contains("'eqmd_static_files'") && $0.contains("the instance makes its own") })
    #expect(reasons.contains { $0.contains("'eqmd_database'") && $0.contains("it is empty") })
    #expect(!reasons.contains { $0.contains("rows-1") || $0.contains("token-") || $0.contains("letters") })
  }
}
