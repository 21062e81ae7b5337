/// One thing that must be on the host before the app can run.
public enum InstallStep: Sendable, Equatable {
  /// Debian packages; each entry lists alternatives, and the first that the host knows is taken.
  case apt([[String]])
  /// A file or an archive of the maker's, into ``ScopePaths/appFolder``.
  case download(Download)
  /// A server that Steam hands out, into ``ScopePaths/appFolder``.
  case steam(SteamServer)
}

/// A file or an archive of the maker's, as its address and checksum say.
public struct Download: Sendable, Equatable, Codable {
  /// Settings may stand in it.
  public var url: Template
  /// SHA-256 in hexadecimal digits, or one setting that has them. What is not pinned is not installed.
  public var sha256: Template
  /// `{{paths.app}}`, or a path below it: of the file itself, or of the folder that it is unpacked into.
  public var target: Template
  /// Whether it is a tar or zip archive that is unpacked.
  public var isUnpacked: Bool
  /// How many folders at the beginning of the archive's names are left out.
  public var strip: Int
  /// The instances that need it; nil for all.
  public var condition: Condition?

  public init(
    _ url: Template, sha256: Template, to target: Template, unpacked isUnpacked: Bool = false, strip: Int = 0,
    when condition: Condition? = nil
  ) {
    self.url = url
    self.sha256 = sha256
    self.target = target
    self.isUnpacked = isUnpacked
    self.strip = strip
    self.condition = condition
  }

  /// Where it goes below the app's folder, without a slash at its ends; empty for the folder itself.
  public var place: String {
    guard case .literal(let text)? = target.segments.dropFirst().first else { return "" }
    return text.split(separator: "/").joined(separator: "/")
  }
}

/// A server that Steam hands out to everybody, by SteamCMD with an anonymous login.
public struct SteamServer: Sendable, Equatable, Codable {
  /// Steam's number for it.
  public var app: Int
  /// A branch other than the public one; nil for that.
  public var branch: String?
  /// The instances that need it; nil for all.
  public var condition: Condition?

  public init(_ app: Int, branch: String? = nil, when condition: Condition? = nil) {
    self.app = app
    self.branch = branch
    self.condition = condition
  }
}

extension InstallStep: Codable {
  private enum CodingKeys: String, CodingKey { case apt, download, steamcmd }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let download = try container.decodeIfPresent(Download.self, forKey: .download) {
      self = .download(download)
    } else if let server = try container.decodeIfPresent(SteamServer.self, forKey: .steamcmd) {
      self = .steam(server)
    } else {
      self = .apt(try container.decode([[String]].self, forKey: .apt))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .apt(let packages): try container.encode(packages, forKey: .apt)
    case .download(let download): try container.encode(download, forKey: .download)
    case .steam(let server): try container.encode(server, forKey: .steamcmd)
    }
  }
}

extension Manifest {
  /// The packages that it needs, each with its alternatives.
  public var packages: [[String]] {
    install.flatMap { step in if case .apt(let lists) = step { lists } else { [[String]]() } }
  }

  /// Whether programs of it come from elsewhere than packages, into a folder that its instances share.
  public var hasReleases: Bool {
    install.contains { if case .apt = $0 { false } else { true } }
  }
}
