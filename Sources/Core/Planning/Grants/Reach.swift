import BerthKit
import BerthPlan

/// What of an app's declaration reaches further than the app's own files: the judgement that archives and fleet files share.
package struct Reach: Sendable {
  package let manifest: Manifest
  let outward: Set<String>

  package init(_ manifest: Manifest) {
    self.manifest = manifest
    outward = manifest.outwardSettings
  }

  /// The outward settings that would be otherwise, in the plugin's order.
  ///
  /// - Parameters:
  ///   - wished: values as the file has them.
  ///   - now: what the instance has; the plugin's default counts where it has none.
  package func settings(_ wished: [String: String], now: [String: String]) -> [(setting: Setting, grant: Grant)] {
    manifest.settings.compactMap { setting in
      guard outward.contains(setting.id), let value = wished[setting.id],
        !Self.isSame(value, now[setting.id] ?? setting.defaultValue?.literalText, setting)
      else { return nil }
      return (
        setting,
        Grant(Self.word(setting.id), setting.isSecret ? "…" : value, Self.meaning(of: setting))
      )
    }
  }

  /// One of the words beside settings; nil where there is nothing to ask.
  package static func grant(_ item: Grant.Item, _ value: String?, _ meaning: String, isOptional: Bool = false) -> Grant?
  {
    guard let value, !value.isEmpty else { return nil }
    return Grant(item.rawValue, value, meaning, isOptional: isOptional)
  }

  package static func limits(_ limits: InstanceLimits) -> Grant? {
    let words = [
      limits.memory.map { "memory=\($0)" }, limits.cpus.map { "cpus=\($0)" }, limits.tasks.map { "tasks=\($0)" },
    ]
    return grant(.limits, words.compactMap { $0 }.joined(separator: ","), "bounds in place of the plugin's")
  }

  /// The bounds that are wider than those that the plugin or Berth itself would set, and than those of the instance.
  func excess(of limits: InstanceLimits, over former: InstanceLimits?) -> InstanceLimits {
    func exceeds(_ wished: Int?, _ former: Int?, _ bounds: [Int?]) -> Bool {
      guard let wished, former.map({ wished > $0 }) ?? true else { return false }
      return bounds.contains { bound in bound.map { wished > $0 } ?? false }
    }
    let bounds = manifest.services.map(\.bounds)
    func hundredths(_ cpus: Double?) -> Int? { cpus.map { InstanceLimits.percent(ofProcessors: $0) } }
    let usual = Service.containerLimits.tasks ?? 0
    return InstanceLimits(
      memory: exceeds(
        limits.memory.flatMap(ByteSize.bytes), former?.memory.flatMap(ByteSize.bytes),
        // A bound that a setting gives is not known here.
        bounds.map { $0.memory.map { $0.literalText.flatMap(ByteSize.bytes) ?? 0 } }) ? limits.memory : nil,
      cpus: exceeds(hundredths(limits.cpus), hundredths(former?.cpus), bounds.map { hundredths($0.cpus) })
        ? limits.cpus : nil,
      // Without a bound of the plugin's, the manager's own holds.
      tasks: exceeds(
        limits.tasks, former?.tasks, bounds.map { $0.tasks ?? usual })
        ? limits.tasks : nil)
  }

  package static func schedule(_ policy: BackupPolicy?) -> Grant? {
    let keep = policy?.keep.map {
      "last \($0.last ?? 0), daily \($0.daily ?? 0), weekly \($0.weekly ?? 0), monthly \($0.monthly ?? 0)"
    }
    return grant(
      .schedule, [policy?.schedule, keep].compactMap { $0 }.joined(separator: "; "),
      "backups at these times, kept so long")
  }

  package static func pool(_ pool: String?) -> Grant? {
    grant(.pool, pool, "serves host names together with the other instances of that pool")
  }

  /// Numbers that ordinary programs cannot open, but for the plugin's own.
  package func ports(_ ports: [InstanceRecord.Port]) -> Grant? {
    let privileged = ports.filter { port in
      guard let role = manifest.port(port.role), role.defaultNumber != port.port.number else { return false }
      return port.port.number < Self.firstOrdinary
    }
    return Self.grant(
      .ports, privileged.map { "\($0.role)=\($0.port.number)" }.joined(separator: ","),
      "ports that ordinary programs cannot open")
  }

  package static func kept(_ record: InstanceRecord?) -> Grant? {
    grant(.id, record?.key.id.text, "the user, folder and settings of the instance that was kept under it")
  }

  /// Variables of the instance's own that would be otherwise: nobody but the program knows how far they reach.
  package static func variables(_ wished: [String: String], now: [String: String]) -> Grant? {
    let keys = wished.filter { OwnVariable.isKey($0.key) && now[$0.key] != $0.value }.keys.sorted()
    return grant(.variables, keys.joined(separator: ","), "variables of its containers that the plugin does not know")
  }

  // MARK: Words

  static let firstOrdinary = 1024

  /// The word for a setting, told from the other words.
  package static func word(_ setting: String) -> String {
    Grant.Item(rawValue: setting) == nil && setting != Grant.all ? setting : "settings.\(setting)"
  }

  /// The word for a setting or a variable.
  package static func item(of key: String) -> String {
    OwnVariable.isKey(key) ? Grant.Item.variables.rawValue : word(key)
  }

  private static func isSame(_ value: String, _ other: String?, _ setting: Setting) -> Bool {
    guard let other else { return false }
    if value == other { return true }
    guard let left = try? setting.parse(value), let right = try? setting.parse(other) else { return false }
    return left == right
  }

  private static func meaning(of setting: Setting) -> String {
    switch setting.kind {
    case .path: "a path of this host"
    case .image: "the image that runs"
    case .hostname: "a host name of this host's web proxy"
    default: "reaches further than the app's own files"
    }
  }
}
