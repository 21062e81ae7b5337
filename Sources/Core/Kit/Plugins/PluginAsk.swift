/// One thing of the host that an app uses beside its own folders, user and units. A person decides by these whether to take
/// a plugin.
public struct PluginAsk: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// A package of the host's.
    case package
    /// A file of a maker's server, or a server of Steam's, that runs on the host.
    case download
    case image
    /// A folder of the host's, or one that a person names.
    case folder
    case device
    /// A port that is not on the host's own addresses alone.
    case port
    /// A group of the host's.
    case group
    /// A capability of a container's.
    case capability
    /// A line of the isolation that is left out.
    case loosen
  }

  public let kind: Kind
  /// What it is, as the plugin names it: settings stand as they are written.
  public let what: String
  /// Why, in the plugin's own words; nil where a plugin need not say it.
  public let reason: String?

  init(_ kind: Kind, _ what: String, because reason: String? = nil) {
    self.kind = kind
    self.what = what
    self.reason = reason
  }
}

extension Manifest {
  /// What the app uses of the host, each thing once, in order of kind and then of the manifest.
  public var asks: [PluginAsk] {
    var asks = install.flatMap { step -> [PluginAsk] in
      switch step {
      case .apt(let packages): packages.map { PluginAsk(.package, $0.joined(separator: " | ")) }
      case .download(let download): [PluginAsk(.download, download.url.source)]
      case .steam(let server): [PluginAsk(.download, "Steam's server \(server.app)")]
      }
    }
    asks += services.flatMap(\.asks) + ports.compactMap(\.ask)
    if let sharedGroup { asks.append(PluginAsk(.group, sharedGroup.source)) }
    var seen: Set<PluginAsk> = []
    return PluginAsk.Kind.allCases.flatMap { kind in asks.filter { $0.kind == kind && seen.insert($0).inserted } }
  }
}

extension Service {
  fileprivate var asks: [PluginAsk] {
    let image = container.map { [PluginAsk(.image, $0.image.source)] } ?? []
    let devices = container?.devices.map { PluginAsk(.device, $0.path) } ?? []
    let folders = mounts.filter { $0.volume == nil && !$0.path.isInOwnFolder }.map {
      PluginAsk(.folder, "\($0.path.source)\($0.isReadOnly ? " (read-only)" : "")")
    }
    return image + devices + folders
      + capabilities.map { PluginAsk(.capability, "\($0.key) (service \(id))", because: $0.reason) }
      + loosen.map { PluginAsk(.loosen, "\($0.key) (service \(id))", because: $0.reason) }
  }
}

extension PortRole {
  /// Nil for a port that only the host itself reaches.
  fileprivate var ask: PluginAsk? {
    guard !HostAddress.isLoopback(bind) else { return nil }
    let number = defaultNumber.map { " \($0)" } ?? ""
    return PluginAsk(
      .port, "\(role)\(number)/\(protocols.map(\.rawValue).joined(separator: "+")) on \(bind)", because: help)
  }
}
