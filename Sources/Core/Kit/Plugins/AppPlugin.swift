/// What teaches Berth an app.
///
/// A `plugin.yaml` becomes one of these as it is read; an app that needs real logic conforms in Swift. Either way the
/// core sees the same manifest. What else a plugin can do it says by conforming to one of the capability protocols.
public protocol AppPlugin: Sendable {
  /// The declaration. Making it has no side effects.
  var manifest: Manifest { get }
  /// The manifest's `id`. A plugin in Swift says it by itself, so that its manifest is made only where it is needed.
  var id: String { get }
  /// The placeholders that its own code reads, such as `settings.hostname` and `ports.http`; none for a plugin without any.
  /// What stands neither here nor in the manifest counts as of no use.
  var readsInCode: [String] { get }
}

extension AppPlugin {
  public var id: String { manifest.id }
  public var readsInCode: [String] { [] }
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

/// A plugin without a fault, and what it declares and nothing uses.
public struct PluginCheck: Sendable {
  public let plugin: any AppPlugin
  /// Errors with the code `unused`, in the order of the file.
  public let unused: [BerthError]

  public init(plugin: any AppPlugin, unused: [BerthError]) {
    self.plugin = plugin
    self.unused = unused
  }

  /// All of it as one error; nil where everything is of use.
  public var error: BerthError? { BerthError.together(unused) }
}
