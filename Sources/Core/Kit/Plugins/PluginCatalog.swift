/// Every plugin that was found, usable or not, in order of id.
///
/// A plugin that cannot be read is kept as broken, so that it is shown and never takes the others down.
public struct PluginCatalog: Sendable {
  /// One found plugin.
  public struct Entry: Sendable {
    public let id: String
    /// `built-in`, or the folder.
    public let origin: String
    public let result: Result<any AppPlugin, BerthError>

    public init(id: String, origin: String, result: Result<any AppPlugin, BerthError>) {
      self.id = id
      self.origin = origin
      self.result = result
    }

    /// The manifest, when the plugin could be read.
    public var manifest: Manifest? { try? result.get().manifest }

    /// Why it cannot be used.
    public var problem: BerthError? {
      if case .failure(let error) = result { error } else { nil }
    }
  }

  /// The origin of what no file declares.
  public static let builtIn = "built-in"

  /// In order of id.
  public let entries: [Entry]

  /// Takes what was found in order of search. Two plugins of one id, or whose unit names would meet, break each other.
  public init(_ found: [Entry]) {
    var entries: [String: Entry] = [:]
    for entry in found {
      if let earlier = entries[entry.id] {
        let clash = BerthError.duplicatePlugin(entry.id, first: earlier.origin, second: entry.origin)
        entries[entry.id] = Entry(id: entry.id, origin: earlier.origin, result: .failure(clash))
      } else {
        entries[entry.id] = entry
      }
    }
    for (id, other, unit) in Self.meetingUnits(entries.values.compactMap(\.manifest)) {
      guard let entry = entries[id] else { continue }
      let clash = BerthError.badManifest(
        "its unit '\(unit)' is also a unit of the app '\(other)'", at: entry.origin, key: "services")
      entries[id] = Entry(id: id, origin: entry.origin, result: .failure(clash))
    }
    self.entries = entries.values.sorted { $0.id < $1.id }
  }

  /// The plugin of an app.
  ///
  /// - Throws: `unknown-app` with the nearest name, or `broken-plugin`.
  public func plugin(_ app: String) throws -> any AppPlugin {
    guard let entry = entries.first(where: { $0.id == app }) else {
      throw BerthError.unknownApp(app, known: entries.map(\.id))
    }
    switch entry.result {
    case .success(let plugin): return plugin
    case .failure(let error):
      throw ["duplicate-plugin", "unsafe-plugin-folder"].contains(error.code)
        ? error : BerthError.brokenPlugin(app, error)
    }
  }

  /// Pairs of apps that would both own a unit: `a` with a service, job or backup set's program `b`, and an app `a-b`. The longer id is the one to go.
  private static func meetingUnits(_ manifests: [Manifest]) -> [(id: String, other: String, unit: String)] {
    var owners: [String: String] = [:]
    var meetings: [(id: String, other: String, unit: String)] = []
    for manifest in manifests.sorted(by: { $0.id < $1.id }) {
      for part in manifest.unitParts {
        let unit = UnitName.service(manifest.id, part)
        if let owner = owners[unit] {
          meetings.append((manifest.id, owner, unit))
        } else {
          owners[unit] = manifest.id
        }
      }
    }
    return meetings
  }
}
