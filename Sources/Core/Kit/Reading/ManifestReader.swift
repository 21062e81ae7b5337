/// Turns the text of a `plugin.yaml` into a manifest, strictly.
///
/// An unknown key, a wrong type, an unknown variable or a duplicate is an error with file, line and key path.
public struct ManifestReader {
  /// Gives the text of `files/NAME` in the plugin's folder; nil when there is none.
  public typealias FileSource = (_ name: String) throws -> String?

  var file: YAMLFile
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
  /// - Throws: `bad-plugin` with the first thing that is wrong, and the others as its cause, in the order of lines.
  public func manifest(from text: String) throws -> Manifest { try read(text).manifest }

  /// Reads and validates, and finds what nothing uses, in the order of lines.
  ///
  /// - Parameter others: finds what lies in the plugin's folder and is not read.
  /// - Throws: what ``manifest(from:)`` throws.
  func checked(_ text: String, others: (Manifest) throws -> [BerthError]) throws -> (Manifest, unused: [BerthError]) {
    let (manifest, root) = try read(text)
    let unused = UnusedParts(manifest).problems().map {
      BerthError.unused($0.text, at: "\(file.path):\(line(of: $0.key, in: root))", key: $0.key)
    }
    return (manifest, BerthError.inOrder(unused) + (try others(manifest)))
  }

  private func read(_ text: String) throws -> (manifest: Manifest, root: YAMLValue) {
    let problems = Problems()
    var reader = self
    reader.file.problems = problems
    let root = try reader.file.root(of: text)
    let manifest: Manifest? = try reader.file.attempt { try reader.read(root) }
    if let manifest { judge(manifest, in: root, problems) }
    if let error = problems.error { throw error }
    guard let manifest else { throw root.error("it cannot be read") }
    return (manifest, root)
  }

  /// Adds what the validator says of what could be read.
  private func judge(_ manifest: Manifest, in root: YAMLValue, _ problems: Problems) {
    let all = problems.all
    let misread = Misread(keys: all.map { $0.key ?? "" })
    // A file beside this one, which is the better part of its services.
    guard all.allSatisfy({ $0.location?.hasPrefix("\(file.path):") ?? false }), !misread.hidesAll(of: manifest) else {
      return
    }
    let knowsBackup = !misread.keys.contains { $0.hasPrefix("backup") }
    for problem in ManifestValidator(manifest, knowsBackup: knowsBackup).problems() {
      let place = place(of: problem.key, in: root)
      guard !misread.explains(problem, at: place) else { continue }
      // Its line is the template's own, and problems are in the order of the manifest's lines.
      let template = problem.place.map {
        YAMLFile(path: "\(ScopePaths.folder(of: file.path))/files/\($0.name)", kind: .plugin)
      }
      problems.add(
        (template ?? file).error(problem.text, line: problem.place?.line ?? place.line, key: problem.key))
    }
  }

  private func read(_ root: YAMLValue) throws -> Manifest {
    let fields = try root.fields([
      "schema", "id", "name", "summary", "category", "version", "untested", "maintainer", "licence", "homepage",
      "needs", "guid", "shared-group", "install",
      "programs", "settings",
      "ports",
      "services", "config", "jobs", "routes", "query", "console", "backup", "probe-data",
    ])
    _ = try file.attempt {
      let schema = try root.required("schema", in: fields)
      guard try schema.integer() == 1 else { throw schema.error("this Berth reads schema 1") }
    }
    var services = try file.attempt { try each(root.required("services", in: fields).entries(), service) } ?? []
    let compose: ComposeFile? = try file.attempt { try self.compose(of: &services, root) } ?? nil
    // Jobs and sets belong to services, and would be wrong without any.
    let hasServices = !services.isEmpty
    let backup =
      try file.attempt { try hasServices ? fields["backup"].map { try self.backup($0, services: services) } : nil }
      ?? nil
    func text(_ key: String) throws -> String {
      try file.attempt { try root.required(key, in: fields).text() } ?? ""
    }
    func entries<Part>(_ key: String, _ part: (String, YAMLValue) throws -> Part) throws -> [Part] {
      try file.attempt { try fields[key].map { try each($0.entries(), part) } ?? [] } ?? []
    }
    return Manifest(
      id: try text("id"), name: try text("name"), summary: try text("summary"),
      category: try file.attempt { try root.required("category", in: fields).word(Manifest.Category.self) } ?? .other,
      version: try text("version"),
      untested: try file.attempt { try fields["untested"]?.text() } ?? nil,
      maintainer: try file.attempt { try fields["maintainer"]?.text() } ?? nil,
      licence: try file.attempt { try fields["licence"]?.text() } ?? nil,
      homepage: try file.attempt { try fields["homepage"]?.text() } ?? nil,
      needs: try file.attempt { try fields["needs"].map(needs) } ?? nil,
      guid: try file.attempt { try fields["guid"]?.text() } ?? nil,
      sharedGroup: try file.attempt { try fields["shared-group"]?.template() } ?? nil,
      install: try file.attempt {
        try fields["install"]?.list().compactMap { step in try file.attempt { try installStep(step) } } ?? []
      } ?? [],
      programs: try entries("programs") { Program($0, try $1.listOrOne().map { try $0.text() }) },
      settings: try entries("settings", setting), ports: try entries("ports", port), services: services,
      compose: compose, config: try entries("config", configFile),
      jobs: try !hasServices ? [] : entries("jobs") { try job($0, $1, services: services) },
      routes: try entries("routes", route),
      query: try file.attempt { try fields["query"].map(query) } ?? nil,
      console: try file.attempt { try fields["console"].map(console) } ?? nil,
      backup: backup?.sets ?? [], backupPolicy: backup?.policy ?? BackupPolicy(),
      probeData: try file.attempt {
        try hasServices ? fields["probe-data"].map { try probeData($0, services: services) } : nil
      } ?? nil)
  }

  /// Those parts of a mapping that can be read.
  private func each<Part>(
    _ entries: [(key: String, value: YAMLValue)], _ part: (String, YAMLValue) throws -> Part
  ) throws -> [Part] {
    try entries.compactMap { entry in try file.attempt { try part(entry.key, entry.value) } }
  }

  private func setting(_ id: String, _ value: YAMLValue) throws -> Setting {
    let fields = try value.fields([
      "type", "default", "optional", "choices", "words", "min", "max", "length", "pattern", "on-clone", "was", "ask",
      "group", "help",
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
      words: try fields["words"]?.list().map { try $0.text() },
      min: try bound("min"), max: try bound("max"),
      length: try fields["length"]?.integer(),
      pattern: try fields["pattern"]?.text(),
      isKeptOnClone: try fields["on-clone"]?.word(OnClone.self) == .keep,
      was: try fields["was"]?.listOrOne().map { try $0.text() } ?? [],
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
