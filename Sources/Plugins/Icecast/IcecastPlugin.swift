import BerthKit

/// Icecast, the streaming server. It is Swift rather than YAML because its settings are an XML document of its own.
///
/// The document's elements are those of Icecast 2.4 (https://icecast.org/docs/icecast-2.4.1/config-file.html).
public struct IcecastPlugin: ConfigFileWriting, SettingsChecking {
  public init() {}

  public var id: String { "icecast" }

  public var manifest: Manifest {
    Manifest(
      id: id, name: "Icecast", summary: "Audio streaming server", category: .media, version: "1",
      install: [.apt([["icecast2"]])],
      programs: [Program("server", ["/usr/bin/icecast2"])],
      settings: [
        Setting("hostname", .hostname, default: "localhost", help: "Host name in the addresses of streams"),
        Setting("location", .string, default: "{{host.name}}", length: 120, help: "Shown on the status page"),
        Setting("admin-email", .string, default: "root@localhost", length: 120, help: "Shown on the status page"),
        Setting("max-listeners", .int, default: "100", min: 1, max: 100000),
        Setting("max-sources", .int, default: "2", min: 1, max: 1000),
        Setting("source-password", .secret, length: 20, help: "For those who send streams"),
        Setting("admin-password", .secret, length: 20, help: "For the user 'admin'"),
      ],
      ports: [
        PortRole("http", [.tcp], default: 8000, help: "Listeners, sources and the status page"),
        PortRole(
          "shoutcast", [.tcp], follows: .init(role: "http", offset: 1), help: "Sources that speak the older protocol"),
      ],
      services: [
        Service(
          exec: ["{{programs.server}}", "-c", "{{paths.config}}/icecast.xml"],
          stop: .init(signal: "SIGTERM", grace: 15), ready: [ReadyProbe(.tcp, "http", timeout: 30)],
          limits: .init(memory: "512M", tasks: 64))
      ],
      config: [ConfigFile("icecast.xml", .custom)],
      // The server only reads it; whoever writes it puts a whole file in its place.
      backup: [BackupSet("config", .files(paths: ["{{paths.config}}"], exclude: [], isHot: true))])
  }

  /// What ``contents(of:with:)`` makes the file of.
  public var readsInCode: [String] {
    manifest.settings.map { "settings.\($0.id)" } + ["ports.http", "ports.shoutcast"]
  }

  public func check(_ settings: [String: Value]) throws {
    guard case .integer(let listeners)? = settings["max-listeners"],
      case .integer(let sources)? = settings["max-sources"]
    else { return }
    guard sources <= listeners else {
      throw BerthError.badSetting(
        "max-sources", value: "\(sources)", expected: "no more than max-listeners, which is \(listeners)")
    }
  }

  public func contents(of file: ConfigFile, with variables: Variables) throws -> String {
    func value(_ name: String) -> XMLNode { .text(variables[name]?.plain ?? "") }
    let share = "/usr/share/icecast2"
    return XMLNode.element(
      "icecast",
      [
        .element("location", [value("settings.location")]),
        .element("admin", [value("settings.admin-email")]),
        .element("hostname", [value("settings.hostname")]),
        .element(
          "limits",
          [
            .element("clients", [value("settings.max-listeners")]),
            .element("sources", [value("settings.max-sources")]),
          ]),
        .element(
          "authentication",
          [
            .element("source-password", [value("settings.source-password")]),
            .element("admin-user", [.text("admin")]),
            .element("admin-password", [value("settings.admin-password")]),
          ]),
        .element(
          "listen-socket",
          [
            .element("port", [value("ports.http")]),
            .element("bind-address", [value("ports.http.bind")]),
          ]),
        .element(
          "listen-socket",
          [
            .element("port", [value("ports.shoutcast")]),
            .element("bind-address", [value("ports.shoutcast.bind")]),
            .element("shoutcast-compat", [.text("1")]),
          ]),
        .element("fileserve", [.text("1")]),
        .element(
          "paths",
          [
            .element("basedir", [.text(share)]),
            .element("logdir", [value("paths.data")]),
            .element("webroot", [.text("\(share)/web")]),
            .element("adminroot", [.text("\(share)/admin")]),
          ]),
        // A dash sends both logs to the journal.
        .element(
          "logging",
          [
            .element("accesslog", [.text("-")]), .element("errorlog", [.text("-")]), .element("loglevel", [.text("3")]),
          ]),
        .element("security", [.element("chroot", [.text("0")])]),
      ]
    ).document
  }
}
