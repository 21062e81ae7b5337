import BerthKit
import Foundation

/// The version before the one that is tried, where nobody has given one: the same with another version, and with the former
/// names of settings.
struct FormerPlugin: ConfigFileWriting, SettingsChecking {
  let base: any AppPlugin
  let manifest: Manifest

  /// - Throws: where a manifest cannot be written as JSON, which all can.
  init(of base: any AppPlugin) throws {
    self.base = base
    var former = base.manifest
    let renamed = former.settings.filter { $0.formerIDs?.isEmpty == false }
    if !renamed.isEmpty {
      let names = Dictionary(
        uniqueKeysWithValues: renamed.compactMap { setting in
          setting.formerIDs?.first.map { (setting.id, $0) }
        })
      let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(former))
      let data = try JSONSerialization.data(withJSONObject: Self.renamed(object, names))
      former = try JSONDecoder().decode(Manifest.self, from: data)
      for index in former.settings.indices {
        guard let id = names[former.settings[index].id] else { continue }
        former.settings[index].id = id
        former.settings[index].formerIDs = nil
      }
    }
    former.version = "\(former.version)-former"
    manifest = former
  }

  /// All texts in which settings are named, with their former names.
  private static func renamed(_ object: Any, _ names: [String: String], key: String = "") -> Any {
    switch object {
    case let fields as [String: Any]:
      return Dictionary(uniqueKeysWithValues: fields.map { ($0.key, renamed($0.value, names, key: $0.key)) })
    case let list as [Any]: return list.map { renamed($0, names, key: key) }
    case let text as String:
      if ["setting", "settings"].contains(key), let name = names[text] { return name }
      return names.reduce(text) { text, pair in
        text.replacing("settings.\(pair.key)}}", with: "settings.\(pair.value)}}")
          .replacing("settings.\(pair.key) ", with: "settings.\(pair.value) ")
      }
    default: return object
    }
  }

  func contents(of file: ConfigFile, with variables: Variables) throws -> String {
    try (base as? any ConfigFileWriting)?.contents(of: file, with: variables) ?? ""
  }

  func check(_ settings: [String: Value]) throws { try (base as? any SettingsChecking)?.check(settings) }
}
