import BerthKit
import Foundation

/// What Docker Compose reads in the files of a project, held against what Berth has read and written there.
///
/// Both have a reader of YAML. Where these differ in one text, a key could reach Docker that Berth has not looked at; so
/// Compose is asked what it makes of the files before anything acts on them.
struct ComposeModel {
  private typealias Object = [String: Any]

  private let effective: Object
  private let own: Object
  /// The keys of each service in the plugin's file, as Berth reads them.
  private let keys: [String: Set<String>]

  /// - Parameters:
  ///   - json: what `docker compose config --format json` prints.
  ///   - plugin: the plugin's file.
  ///   - own: the file that Berth made beside it.
  init(_ json: String, plugin: String, own: String) throws {
    func object(_ text: String) throws -> Object {
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object ?? [:]
    }
    effective = try object(json)
    self.own = try object(own)
    keys = try ComposeFile.keys(in: plugin, at: ScopePaths.composeFile)
  }

  /// The first thing that Compose sees and Berth did not; nil when there is none.
  var surplus: String? {
    let services = own["services"] as? Object ?? [:]
    let read = effective["services"] as? Object ?? [:]
    for (id, mine) in services.sorted(by: { $0.key < $1.key }) {
      guard let mine = mine as? Object, let theirs = read[id] as? Object else { return "there is no service '\(id)'" }
      if let problem = surplus(theirs, mine, keys[id] ?? []) { return "service '\(id)': \(problem)" }
    }
    if let problem = surplusVolume ?? surplusNetwork { return problem }
    return ["configs", "secrets", "include"].first { effective[$0] != nil }.map { "'\($0)' stands at the top" }
  }

  private func surplus(_ theirs: Object, _ mine: Object, _ known: Set<String>) -> String? {
    // Compose says of every service what it starts and where, though it be nothing.
    let expected = known.union(mine.keys).union(["networks"])
    for (key, value) in theirs.sorted(by: { $0.key < $1.key }) where !(value is NSNull) && !expected.contains(key) {
      if key == "depends_on", Self.waitsForNetwork(theirs) { continue }
      return "'\(key)' stands there for Docker Compose and not for Berth"
    }
    if let mode = theirs["network_mode"], (mode as? String)?.hasPrefix("service:") != true {
      return "'network_mode' is another one"
    }
    for key in ["cap_add", "cap_drop", "security_opt"] where !known.contains(key) {
      guard theirs[key] as? [String] ?? [] == mine[key] as? [String] ?? [] else { return "'\(key)' is another one" }
    }
    guard mine["read_only"] == nil || theirs["read_only"] as? Bool == true else { return "'read_only' is another one" }
    let mounts = Set(Self.mounts(mine))
    return Self.mounts(theirs).first { !mounts.contains($0) }.map { "'\($0)' is mounted" }
  }

  /// Whether a service waits for none but the one in whose network it is, as Compose has it do by itself.
  private static func waitsForNetwork(_ service: Object) -> Bool {
    guard let names = (service["depends_on"] as? Object)?.keys, let mode = service["network_mode"] as? String else {
      return false
    }
    return names.map { "service:\($0)" } == [mode]
  }

  private static func mounts(_ service: Object) -> [String] {
    (service["volumes"] as? [Object] ?? []).map { mount in
      ["type", "source", "target"].map { key in
        // Without a value of its own, a variable has the default that the text names.
        (mount[key] as? String ?? "").replacing(/\/\$\{[A-Z_]+:-([a-z0-9\-]+)\}\//) { "/\($0.output.1)/" }
          .replacing("$$", with: "$")
      }.joined(separator: " ")
    }
  }

  private var surplusVolume: String? {
    let mine = own["volumes"] as? [String: Object] ?? [:]
    let theirs = effective["volumes"] as? [String: Object] ?? [:]
    for (name, volume) in mine.sorted(by: { $0.key < $1.key }) {
      func options(_ volume: Object?) -> [String: String] {
        (volume?["driver_opts"] as? [String: String] ?? [:]).mapValues { $0.replacing("$$", with: "$") }
      }
      // Compose leaves out what no service uses.
      guard let found = theirs[name] else { continue }
      guard options(volume) == options(found), found["external"] == nil else {
        return "the volume '\(name)' is another one"
      }
    }
    return nil
  }

  /// What a network says of its addresses, word by word.
  private static func addresses(_ network: Object?) -> [String] {
    (network?["ipam"] as? Object ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value in
      (value as? [Object] ?? []).map { part in
        "\(key) " + part.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      } + (value is [Object] ? [] : ["\(key)=\(value)"])
    }
  }

  private var surplusNetwork: String? {
    let harmless: Set = ["name", "ipam", "internal", "labels", "enable_ipv6"]
    let networks = effective["networks"] as? [String: Object] ?? [:]
    let mine = own["networks"] as? [String: Object] ?? [:]
    return networks.sorted { $0.key < $1.key }.first { name, network in
      // A bridge of the host's own is what Docker takes anyway.
      let keys = network.keys.filter { $0 != "driver" || network["driver"] as? String != "bridge" }
      return !harmless.isSuperset(of: keys) || Self.addresses(network) != Self.addresses(mine[name])
    }.map { "the network '\($0.key)' is none of the instance's own" }
  }
}
