/// What teaches Berth an app.
///
/// A `plugin.yaml` becomes one of these as it is read; an app that needs real logic conforms in Swift. Either way the
/// core sees the same manifest. What else a plugin can do it says by conforming to one of the capability protocols.
public protocol AppPlugin: Sendable {
  /// The declaration. Making it has no side effects.
  var manifest: Manifest { get }
  /// The manifest's `id`. A plugin in Swift says it by itself, so that its manifest is made only where it is needed.
  var id: String { get }
}

extension AppPlugin {
  public var id: String { manifest.id }
}

/// A plugin that writes a config file in a format of its own.
public protocol ConfigFileWriting: AppPlugin {
  /// The whole text of a file that the manifest declares as `custom`.
  ///
  /// - Parameter variables: what every placeholder of the instance stands for. The writer quotes for its own format.
  func contents(of file: ConfigFile, with variables: Variables) throws -> String
}

/// A plugin with rules that types and bounds cannot say.
public protocol SettingsChecking: AppPlugin {
  /// Checks settings together, before anything is planned.
  ///
  /// - Throws: an error of the kind `usage` that names the setting.
  func check(_ settings: [String: Value]) throws
}

/// A plugin that is nothing but its manifest.
public struct DeclarativePlugin: AppPlugin {
  public let manifest: Manifest

  public init(manifest: Manifest) { self.manifest = manifest }
}
