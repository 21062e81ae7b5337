/// Checks what a manifest's types alone cannot say, the same for YAML and for Swift.
///
/// The first problem found is thrown, with its key path; the YAML reader adds the line.
public struct ManifestValidator {
  /// One thing that is wrong, and where.
  public struct Problem: Error, Equatable {
    /// Such as `services.main.exec[2]`.
    public let key: String
    public let text: String
    /// Where in a file of the plugin's `files/`; nil for what stands in the manifest itself.
    public let place: FilePlace?

    init(key: String, text: String, at place: FilePlace? = nil) {
      self.key = key
      self.text = text
      self.place = place
    }
  }

  /// A line of a file in the plugin's `files/`.
  public struct FilePlace: Sendable, Equatable {
    public let name: String
    public let line: Int
  }

  let manifest: Manifest
  /// Whether all that is said of backups could be read.
  let knowsBackup: Bool

  public init(_ manifest: Manifest) { self.init(manifest, knowsBackup: true) }

  init(_ manifest: Manifest, knowsBackup: Bool) { (self.manifest, self.knowsBackup) = (manifest, knowsBackup) }

  /// Checks everything.
  ///
  /// - Throws: ``Problem``, the first one.
  public func validate() throws(Problem) {
    if let first = problems().first { throw first }
  }

  /// Everything that is wrong, in the order in which it is looked at.
  public func problems() -> [Problem] {
    var found = Findings()
    found.check(checkCounts)
    // What follows takes more time the more there is.
    guard found.all.isEmpty else { return found.all }
    found.check(checkIdentity)
    for (key, names) in [
      ("settings", manifest.settings.map(\.id)), ("ports", manifest.ports.map(\.role)),
      ("programs", manifest.programs.map(\.id)), ("services", manifest.services.map(\.id)),
      ("config", manifest.config.map(\.id)),
    ] { found.check { () throws(Problem) in try checkUnique(key, names) } }
    found.check(checkConfigPlaces)
    checkInstall(&found)
    for program in manifest.programs { found.check { () throws(Problem) in try check(program) } }
    for setting in manifest.settings { found.check { () throws(Problem) in try check(setting) } }
    found.check(checkFormerNames)
    for port in manifest.ports { found.check { () throws(Problem) in try check(port) } }
    guard !manifest.services.isEmpty else {
      found.all.append(Problem(key: "services", text: "an app needs at least one service"))
      return found.all
    }
    for service in manifest.services { check(service, &found) }
    found.check(checkServicesTogether)
    checkJobs(&found)
    for file in manifest.config { found.check { () throws(Problem) in try check(file) } }
    checkRoutes(&found)
    found.check(checkQuery)
    found.check(checkConsole)
    found.check(checkProbeData)
    checkBackup(&found)
    return found.all
  }

  /// What has been found to be wrong so far.
  struct Findings {
    var all: [Problem] = []

    mutating func check(_ body: () throws(Problem) -> Void) {
      do { try body() } catch { all.append(error) }
    }
  }

  private func checkConfigPlaces() throws(Problem) {
    var places: Set<String> = []
    for file in manifest.config where !places.insert(file.location.source).inserted {
      throw Problem(key: "config.\(file.id)", text: "another file is written to \(file.location.source) too")
    }
  }

  /// The validator compares the parts of an app with each other, which costs more than linear time. So it bounds their number.
  private func checkCounts() throws(Problem) {
    let counts = [
      ("install", manifest.install.count), ("programs", manifest.programs.count), ("ports", manifest.ports.count),
      ("services", manifest.services.count), ("config", manifest.config.count), ("jobs", manifest.jobs.count),
      ("routes", manifest.routes.count), ("backup", manifest.backup.count),
    ]
    for (key, count) in counts where count > Self.most {
      throw Problem(key: key, text: "there are \(count) of them, and \(Self.most) at most can be")
    }
  }

  /// How many services, ports, jobs and the like an app has at most.
  static let most = 100

  /// Every variable that a template of this manifest may name.
  public var knownVariables: [String] {
    [
      "instance.id", "instance.name", "instance.slug", "instance.uuid", "instance.uid", "instance.gid",
      "instance.shared-gid",
    ]
      + ["paths.config", "paths.data", "paths.cache"] + (manifest.hasReleases ? ["paths.app"] : [])
      + ["host.name", "host.timezone"]
      + manifest.settings.map { "settings.\($0.id)" }
      + manifest.ports.flatMap { ["ports.\($0.role)", "ports.\($0.role).bind"] }
      + manifest.programs.map { "programs.\($0.id)" }
  }

  /// Whether the text may be a plugin's id, a setting's, a role's or a service's.
  package static func isIdentifier(_ text: String, longest: Int = 32) -> Bool {
    guard (1...longest).contains(text.utf8.count), let first = text.utf8.first,
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first), text.utf8.last != UInt8(ascii: "-")
    else { return false }
    return text.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "-")
    }
  }

  /// Whether the text may be the name of a unit's part: a service, a job, or a program of a backup set.
  package static func isPart(_ text: String) -> Bool { isIdentifier(text, longest: 64) }

  // MARK: Parts

  private func checkIdentity() throws(Problem) {
    guard Self.isIdentifier(manifest.id), manifest.id.utf8.count >= 2 else {
      throw Problem(key: "id", text: "'\(manifest.id)' is not an id: [a-z][a-z0-9-]{1,31}")
    }
    try checkLine(manifest.name, key: "name")
    try checkLine(manifest.summary, key: "summary")
    try checkLine(manifest.version, key: "version")
    try checkLine(manifest.untested, key: "untested")
    try checkLine(manifest.maintainer, key: "maintainer")
    try checkLine(manifest.licence, key: "licence")
    try checkLine(manifest.homepage, key: "homepage")
    if let page = manifest.homepage, !page.hasPrefix("https://") || page.contains(" ") {
      throw Problem(key: "homepage", text: "expected an address that begins with https://")
    }
    try checkSharedGroup()
    if let guid = manifest.guid, (try? InstanceID(guid)) == nil || guid == InstanceID.default.text {
      throw Problem(key: "guid", text: "'\(guid)' is not a UUID in lowercase")
    }
  }

  private func checkSharedGroup() throws(Problem) {
    guard let group = manifest.sharedGroup else { return }
    if let name = group.literalText, SharedGroup.isName(name) { return }
    let setting = manifest.settings.first { group.segments == [.variable("settings.\($0.id)")] }
    guard setting?.kind == .string else {
      throw Problem(key: "shared-group", text: "expected the name of a group, or one setting of type string")
    }
  }

  private func check(_ program: Program) throws(Problem) {
    let key = "programs.\(program.id)"
    try checkIdentifier(program.id, key)
    guard !program.candidates.isEmpty else { throw Problem(key: key, text: "expected at least one path") }
    for (index, path) in program.candidates.enumerated() {
      guard Self.isPlainAbsolutePath(path) else {
        throw Problem(key: "\(key)[\(index)]", text: "'\(path)' is not an absolute path without '..'")
      }
    }
  }

  /// A former name means one setting, and none of today's.
  private func checkFormerNames() throws(Problem) {
    var seen = Set(manifest.settings.map(\.id))
    for setting in manifest.settings {
      for name in setting.formerIDs ?? [] {
        let key = "settings.\(setting.id).was"
        try checkIdentifier(name, key)
        guard seen.insert(name).inserted else {
          throw Problem(key: key, text: "'\(name)' is, or was, another setting's name")
        }
      }
    }
  }

  private func check(_ port: PortRole) throws(Problem) {
    let key = "ports.\(port.role)"
    try checkIdentifier(port.role, key)
    try checkOwner(port.service, key: "\(key).service")
    try checkLine(port.help, key: "\(key).help")
    guard !port.protocols.isEmpty, Set(port.protocols).count == port.protocols.count else {
      throw Problem(key: "\(key).protocol", text: "expected tcp, udp or [tcp, udp]")
    }
    guard HostAddress.isAddress(port.bind) else {
      throw Problem(key: "\(key).bind", text: "'\(port.bind)' is not an IPv4 or IPv6 address")
    }
    if let target = port.target {
      guard (1...65535).contains(target) else {
        throw Problem(key: "\(key).target", text: "\(target) is not a port: 1 to 65535")
      }
      guard manifest.service(of: port)?.container != nil else {
        throw Problem(key: "\(key).target", text: "'target' goes with a port of a container; name its 'service'")
      }
    }
    switch (port.defaultNumber, port.follows) {
    case (let number?, nil):
      guard (1...65535).contains(number) else {
        throw Problem(key: "\(key).default", text: "\(number) is not a port: 1 to 65535")
      }
    case (nil, let follows?):
      guard let leader = manifest.port(follows.role), leader.follows == nil else {
        throw Problem(
          key: "\(key).follows",
          text: "'\(follows.role)' is not a port role with a 'default' of its own"
            + BerthError.nearestPhrase(follows.role, manifest.ports.map(\.role)))
      }
      guard (-65535...65535).contains(follows.offset) else {
        throw Problem(key: "\(key).follows.offset", text: "expected -65535 to 65535")
      }
      try checkPresence(of: leader, when: condition(of: port.service), key: "\(key).follows")
    case (nil, nil), (.some, .some):
      throw Problem(key: key, text: "a port has either 'default' or 'follows'")
    }
  }
}
