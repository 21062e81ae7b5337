/// The files that a new plugin begins with. They pass the check as they stand.
public struct PluginSketch: Sendable, Equatable {
  /// How the app is run.
  public enum Kind: String, Sendable, CaseIterable {
    /// A program of the host's.
    case exec
    /// A container of Podman's.
    case container
    /// A project of Docker Compose.
    case compose
  }

  /// The app's id, which is its folder's name too.
  public let id: String
  /// Texts by their paths in the folder.
  public let files: [String: String]

  /// A plugin with a word to each part.
  ///
  /// - Parameters:
  ///   - schema: where the JSON Schema of plugins lies, for editors; nil where it is nowhere.
  /// - Throws: `bad-app-id`.
  public init(_ id: String, _ kind: Kind, schema: String?) throws {
    try Self.requireID(id)
    self.id = id
    let head = Self.head(id, schema)
    switch kind {
    case .exec: files = ["plugin.yaml": head + Self.program + Self.backup, "files/index.html": Self.page]
    case .container: files = ["plugin.yaml": head + Self.container + Self.backup]
    case .compose: files = ["plugin.yaml": head + Self.compose + Self.volume, "files/compose.yaml": Self.project]
    }
  }

  /// A plugin that begins as a copy of another one.
  ///
  /// - Parameters:
  ///   - files: the other plugin's, by their paths in its folder.
  ///   - schema: as for a new one.
  /// - Throws: `bad-app-id`.
  public init(_ id: String, from files: [String: String], schema: String?) throws {
    try Self.requireID(id)
    self.id = id
    var files = files
    let lines = (files["plugin.yaml"] ?? "").split(separator: "\n", omittingEmptySubsequences: false).compactMap {
      line -> String? in
      // Panels would take both for one app.
      if line.hasPrefix("guid:") || line.hasPrefix(Self.schemaMark) { return nil }
      return line.hasPrefix("id:") ? "id: \(id)" : String(line)
    }
    files["plugin.yaml"] = Self.line(schema) + lines.joined(separator: "\n")
    self.files = files
  }

  private static func requireID(_ id: String) throws {
    guard ManifestValidator.isIdentifier(id), id.utf8.count >= 2 else { throw BerthError.badAppID(id) }
  }

  // MARK: The texts

  private static let schemaMark = "# yaml-language-server:"

  private static func line(_ schema: String?) -> String { schema.map { "\(schemaMark) $schema=\($0)\n" } ?? "" }

  private static func head(_ id: String, _ schema: String?) -> String {
    let name = id.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    return line(schema) + """
      # What the app is, how it runs, and what of it is worth keeping. docs/plugin-yaml.md names every key.
      # Check it after each change: berth app check \(id)
      schema: 1
      id: \(id)                 # the folder's name too
      name: \(name)
      summary: Says in one line what it is
      category: other        # game, media, health, database, web or other
      version: "1"           # of this plugin, not of the app; a higher one with every change that others get
      untested: never run with the real program     # take this line out once you have run it


      """
  }

  private static let program = """
    # Packages of Debian's; of "one | other" the first that there is.
    install:
      - apt: [python3-minimal]

    # Where the programs lie: the first place that exists.
    programs:
      server: [/usr/bin/python3]

    # What a person may choose. Types: string, int, float, bool, choice, size, hostname, path, image, secret, password.
    settings:
      title: { type: string, default: "{{instance.name}}", pattern: "[^<>&]*", help: What the page says }
      memory: { type: size, default: 256M, min: 32M, help: The most memory it may take }

    # The number is the first that is tried; the next instance gets the next free one. With bind 0.0.0.0 others reach it too.
    ports:
      http: { protocol: tcp, default: 8000, bind: 127.0.0.1, help: The page }

    services:
      main:
        # A program and its arguments, word by word: no shell reads them.
        exec: ["{{programs.server}}", -m, http.server, --bind, "{{ports.http.bind}}", --directory, "{{paths.config}}", "{{ports.http}}"]
        stop: { signal: SIGINT, grace: 10s }
        # A start has succeeded once this answers.
        ready: { http: { port: http, path: / }, timeout: 30s }
        limits: { memory: "{{settings.memory}}", tasks: 64 }

    # Files that Berth writes; here a whole one, from files/. For "key = value", ini, json, yaml, … say format and values.
    config:
      index.html: { format: template }


    """

  private static let page = """
    <!doctype html>
    <meta charset="utf-8">
    <title>{{settings.title}}</title>
    <h1>{{settings.title}}</h1>

    """

  private static let container = """
    settings:
      # A full name with its version. An update fetches what the name stands for by then.
      image: { type: image, default: "docker.io/library/nginx:1.29", help: The image that it runs }
      memory: { type: size, default: 256M, min: 32M, help: The most memory it may take }

    # 'target' is the number inside the container.
    ports:
      http: { protocol: tcp, default: 8000, bind: 127.0.0.1, target: 80, help: The page }

    services:
      main:
        container: { image: "{{settings.image}}" }
        env: { TZ: "{{host.timezone}}" }
        # Where in the container: what of the instance lies there.
        mounts:
          /usr/share/nginx/html: "{{paths.data}}/pages"
        stop: { signal: SIGQUIT, grace: 10s }
        # A start has succeeded once this answers; an empty folder of pages is answered with 403.
        ready: { http: { port: http, path: /, status: [200, 403] }, timeout: 1m }
        limits: { memory: "{{settings.memory}}", tasks: 64 }


    """

  private static let compose = """
    settings:
      image: { type: image, default: "docker.io/library/nginx:1.29", help: The image that it runs }
      memory: { type: size, default: 256M, min: 32M, help: The most memory it may take }

    # 'target' is the number inside the container. files/compose.yaml names no ports: each instance has its own.
    ports:
      http: { protocol: tcp, default: 8000, bind: 127.0.0.1, target: 80, service: web, help: The page }

    services:
      # The service of that name in files/compose.yaml.
      web:
        compose: compose.yaml
        env: { WEB_IMAGE: "{{settings.image}}", TZ: "{{host.timezone}}" }
        stop: { signal: SIGQUIT, grace: 10s }
        # A start has succeeded once this answers.
        ready: { http: { port: http, path: / }, timeout: 1m }
        limits: { memory: "{{settings.memory}}", tasks: 64 }


    """

  private static let project = """
    # What is the same for every instance. Ports, names and the number of an instance are Berth's.
    services:
      web:
        image: ${WEB_IMAGE}
        volumes: ["pages:/usr/share/nginx/html"]
    volumes:
      pages:

    """

  private static let backup = """
    # What is worth keeping. 'hot: true' is for files that may be copied while the program runs; databases of SQLite go under
    # 'sqlite', and what a program dumps by itself under 'command'.
    backup:
      data: { files: ["{{paths.data}}"] }
      config: { files: ["{{paths.config}}"], hot: true }

    """

  private static let volume = """
    # What is worth keeping. 'hot: true' is for files that may be copied while the program runs; what a program dumps by itself
    # goes under 'command'.
    backup:
      pages: { volume: pages, service: web }

    """
}

extension BerthError {
  static func badAppID(_ id: String) -> BerthError {
    BerthError(
      "bad-app-id", .usage, "'\(printable(id))' is not an id: [a-z][a-z0-9-]{1,31}, such as 'my-app'",
      remedy: "choose another id")
  }
}
