import BerthKit
import Foundation

/// A plugin with another manifest, and its own code.
struct ChangedPlugin: ConfigFileWriting, SettingsChecking {
  let base: any AppPlugin
  let manifest: Manifest

  var id: String { base.id }
  var readsInCode: [String] { base.readsInCode }

  func contents(of file: ConfigFile, with variables: Variables) throws -> String {
    try (base as? any ConfigFileWriting)?.contents(of: file, with: variables) ?? ""
  }

  func check(_ settings: [String: Value]) throws { try (base as? any SettingsChecking)?.check(settings) }
}

/// What is tried: the plugin with two jobs beside its own.
extension ChangedPlugin {
  /// Jobs that put something into the program and read it back.
  static let (write, read) = ("probe-write", "probe-read")
  /// A time that no trial reaches. A job on a calendar runs beside its service.
  private static let never = "2199-01-01"

  /// - Parameter change: what is otherwise with the plugin for this trial.
  init(trying base: any AppPlugin, _ change: (inout Manifest) -> Void) {
    self.base = base
    var manifest = base.manifest
    // Nothing runs by itself while something is tried.
    manifest.backupPolicy.schedule = nil
    change(&manifest)
    if let probe = manifest.probeData {
      for (id, action) in [(Self.write, probe.write), (Self.read, probe.read)] where action.console == nil {
        manifest.jobs.append(Job(id, calendar: Self.never, service: probe.service, action: action))
      }
    }
    self.manifest = manifest
  }
}

/// The version before the one that is tried, where nobody has given one: the same with another version, and with the former
/// names of settings.
extension ChangedPlugin {
  /// - Throws: where a manifest cannot be written as JSON, which all can.
  init(before base: any AppPlugin) throws {
    self.base = base
    var former = base.manifest
    let names = former.settings.reduce(into: [String: String]()) { names, setting in
      names[setting.id] = setting.formerIDs?.first
    }
    if !names.isEmpty {
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
}
