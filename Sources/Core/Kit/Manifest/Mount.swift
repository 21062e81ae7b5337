/// What a service sees of the host in another place.
public struct Mount: Sendable, Equatable, Codable {
  /// Where it lies on the host.
  public enum Source: Sendable, Equatable, Codable {
    /// A folder or file below one of the instance's own folders, or a path that a person has chosen.
    case place(Template)
    /// A folder of the instance that goes by a name, and that all of its services which name it share.
    case volume(String)
  }

  /// The absolute path that the service sees, or one below `{{paths.app}}`.
  public var target: String
  public var source: Source
  public var isReadOnly: Bool
  /// The instances that have it; nil for all.
  public var condition: Condition?

  public init(
    _ target: String, _ source: Source, readOnly isReadOnly: Bool = false, when condition: Condition? = nil
  ) {
    self.target = target
    self.source = source
    self.isReadOnly = isReadOnly
    self.condition = condition
  }

  public init(
    _ target: String, from place: Template, readOnly isReadOnly: Bool = false, when condition: Condition? = nil
  ) {
    self.init(target, .place(place), readOnly: isReadOnly, when: condition)
  }

  public init(_ target: String, volume: String, readOnly isReadOnly: Bool = false, when condition: Condition? = nil) {
    self.init(target, .volume(volume), readOnly: isReadOnly, when: condition)
  }

  /// The folder or file among the app's own programs that it lies over, without a slash at its ends; nil for a path of the
  /// host's.
  public var placeInApp: String? {
    target.hasPrefix(Self.app) ? String(target.dropFirst(Self.app.count)) : nil
  }

  private static let app = "{{paths.app}}/"

  /// The name of the volume; nil for a place.
  public var volume: String? { if case .volume(let name) = source { name } else { nil } }

  /// Its path on the host.
  public var path: Template {
    switch source {
    case .place(let place): place
    case .volume(let name): Self.path(ofVolume: name)
    }
  }

  /// The folder of a named volume.
  ///
  /// It is one of the instance's own, so that backups, copies, another place of the instance and its removal hold for it.
  public static func path(ofVolume name: String) -> Template {
    Template(segments: [.variable("paths.data"), .literal("/\(ScopePaths.volumes)/\(name)")])
  }

  /// Whether it is a folder of the host's that comes and goes with the instance, since its name holds the instance's:
  /// `/var/www/app_{{instance.slug}}_static`. Everybody may read what is in it.
  public var isHostFolder: Bool {
    path.isAbsolute && !path.variables.isEmpty
  }

  /// Where such folders may lie. Programs read what stands elsewhere by its place: units, timers, keys, programs.
  public static let placesOfFolders = ["/mnt/", "/media/", "/srv/", "/var/www/"]

  /// The folders at the top from which every program, and so Berth's own commands in a unit, takes what it runs and believes.
  public static let systemFolders: Set<String> = [
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr",
  ]

  /// Whether a word is the name of a volume: `[a-z0-9][a-z0-9_-]*`, 64 bytes at most.
  public static func isVolume(_ text: String) -> Bool {
    text.utf8.count <= 64 && text.wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil
  }
}

extension Template {
  /// Whether it is a path of the host's, whatever its variables stand for.
  package var isAbsolute: Bool { if case .literal(let start)? = segments.first { start.hasPrefix("/") } else { false } }

  /// Whether all of its variables stand in the last name of a path.
  var endsWhereItVaries: Bool {
    segments.drop { if case .literal = $0 { true } else { false } }
      .allSatisfy { if case .literal(let text) = $0 { !text.contains("/") } else { true } }
  }
}
