import BerthKit
import BerthPlan

/// Which plugin somebody wants, and from where.
public struct PluginWish: Sendable, Equatable {
  /// A path, an address, a repository, or a name in an index.
  public var source: String
  /// The SHA-256 of the archive, in hexadecimal digits.
  public var sha256: String?
  /// A branch, tag or commit of a repository.
  public var reference: String?
  /// The plugin's folder, where there are several.
  public var plugin: String?

  public init(_ source: String, sha256: String? = nil, reference: String? = nil, plugin: String? = nil) {
    self.source = source
    self.sha256 = sha256
    self.reference = reference
    self.plugin = plugin
  }
}

/// A plugin from elsewhere that was looked at, and that nothing was done with yet.
public struct PluginOffer: Sendable {
  public let check: PluginCheck
  public let origin: PluginOrigin
  /// Which one it takes the place of; nil for a new one.
  public let former: PluginOrigin?
  /// What the one has of the host that it takes the place of.
  let formerAsks: [PluginAsk]
  let files: PluginFiles

  public var manifest: Manifest { check.plugin.manifest }
  /// Whether it is the one that is there, from the place that is remembered.
  public var isSame: Bool { former.map(origin.isSame) ?? false }
  /// What it has of the host, and the one before it had not.
  public var newAsks: [PluginAsk] { manifest.asks.filter { !formerAsks.contains($0) } }
}

extension PluginFiles {
  /// The SHA-256 of all texts with their names.
  var digest: String {
    Checksum.text(
      texts.sorted { $0.key < $1.key }.map { "\($0.key)\0\($0.value.utf8.count)\0\($0.value)\0" }.joined())
  }
}
