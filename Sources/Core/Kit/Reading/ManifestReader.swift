/// Turns the text of a `plugin.yaml` into a manifest, strictly.
///
/// An unknown key, a wrong type, an unknown variable or a duplicate is an error with file, line and key path.
public struct ManifestReader {
  /// Gives the text of `files/NAME` in the plugin's folder; nil when there is none.
  public typealias FileSource = (_ name: String) throws -> String?

  let file: YAMLFile
  let source: FileSource

  /// - Parameters:
  ///   - file: the path that errors name.
  ///   - source: where the text of `format: template` files comes from.
  public init(file: String, source: @escaping FileSource = { _ in nil }) {
    self.file = YAMLFile(path: file, kind: .plugin)
    self.source = source
  }

  /// Reads and validates.
  ///
  /// - Throws: `bad-plugin`.
  public func manifest(from text: String) throws -> Manifest {
    let root = try file.root(of: text)
    let manifest = try read(root)
    do {
      try ManifestValidator(manifest).validate()
    } catch {
      throw file.error(error.text, line: line(of: error.key, in: root), key: error.key)
    }
    return manifest
  }

  private func read(_ root: YAMLValue) throws -> Manifest {
    let fields = try root.fields([
      "schema", "id", "name", "summary", "category", "version", "untested", "guid", "install", "programs", "settings",
      "ports",
      "services", "config", "jobs", "routes", "query", "console", "backup",
    ])
    let schema = try root.required("schema", in: fields)
    guard try schema.integer() == 1 else { throw schema.error("this Berth reads schema 1") }
    var services = try root.required("services", in: fields).entries().map(service)
    let compose = try compose(of: &services, root)
    let backup = try fields["backup"].map { try self.backup($0, services: services) }
    return Manifest(
      id: try root.required("id", in: fields).text(),
      name: try root.required("name", in: fields).text(),
      summary: try root.required("summary", in: fields).text(),
      category: try root.required("category", in: fields).word(Manifest.Category.self),
      version: try root.required("version", in: fields).text(),
      untested: try fields["untested"]?.text(), guid: try fields["guid"]?.text(),
      install: try fields["install"]?.list().map(installStep) ?? [],
      programs: try fields["programs"]?.entries().map {
        Program($0.key, try $0.value.listOrOne().map { try $0.text() })
      } ?? [],
      settings: try fields["settings"]?.entries().map(setting) ?? [],
      ports: try fields["ports"]?.entries().map(port) ?? [],
      services: services, compose: compose,
      config: try fields["config"]?.entries().map(configFile) ?? [],
      jobs: try fields["jobs"]?.entries().map { try job($0.key, $0.value, services: services) } ?? [],
      routes: try fields["routes"]?.entries().map(route) ?? [],
      query: try fields["query"].map(query), console: try fields["console"].map(console),
      backup: backup?.sets ?? [], backupPolicy: backup?.policy ?? BackupPolicy())
  }

  private func setting(_ id: String, _ value: YAMLValue) throws -> Setting {
    let fields = try value.fields([
      "type", "default", "optional", "choices", "min", "max", "length", "pattern", "on-clone", "ask", "group", "help",
    ])
    let kind = try value.required("type", in: fields).word(Setting.Kind.self)
    func bound(_ key: String) throws -> Double? {
      guard let field = fields[key] else { return nil }
      guard kind == .size else { return try field.number() }
      guard let bytes = ByteSize.bytes(of: try field.text()) else {
        throw field.error("expected a size such as 512M or 2G")
      }
      return Double(bytes)
    }
    return Setting(
      id, kind,
      default: try fields["default"]?.template(),
      optional: try fields["optional"]?.boolean() ?? false,
      choices: try fields["choices"]?.list().map { try $0.text() } ?? [],
      min: try bound("min"), max: try bound("max"),
      length: try fields["length"]?.integer(),
      pattern: try fields["pattern"]?.text(),
      isKeptOnClone: try fields["on-clone"]?.word(OnClone.self) == .keep,
      asked: try fields["ask"]?.boolean() ?? false,
      group: try fields["group"]?.text(), help: try fields["help"]?.text())
  }

  /// What becomes of a secret in a copy of its instance; without this key the copy gets one of its own.
  private enum OnClone: String, CaseIterable { case keep }

  private func port(_ role: String, _ value: YAMLValue) throws -> PortRole {
    let fields = try value.fields(["protocol", "default", "bind", "follows", "service", "target", "ask", "help"])
    let follows = try fields["follows"].map { value in
      let fields = try value.fields(["role", "offset"])
      return PortRole.Follows(
        role: try value.required("role", in: fields).text(),
        offset: try value.required("offset", in: fields).integer())
    }
    return PortRole(
      role, try value.required("protocol", in: fields).listOrOne().map { try $0.word(TransportProtocol.self) },
      default: try fields["default"]?.integer(),
      bind: try fields["bind"]?.text() ?? "0.0.0.0",
      follows: follows,
      service: try fields["service"]?.text(),
      target: try fields["target"]?.integer(),
      asked: try fields["ask"]?.boolean() ?? false,
      help: try fields["help"]?.text())
  }
}
