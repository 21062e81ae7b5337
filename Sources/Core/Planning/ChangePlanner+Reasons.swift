import BerthKit

/// Why an instance changes, each in a few words.
extension Difference {
  func recordReasons() -> [String] {
    var reasons: [String] = []
    if record.name != former.name { reasons.append("name: \(former.name) → \(record.name)") }
    for port in record.ports {
      let old = former.ports.first { $0.role == port.role && $0.port.transport == port.port.transport }
      if old?.port != port.port {
        reasons.append("port \(port.role): \(old.map { "\($0.port.number)" } ?? "none") → \(port.port.number)")
      }
    }
    for (key, value) in record.labels.sorted(by: { $0.key < $1.key }) where former.labels[key] != value {
      reasons.append("label \(key): \(former.labels[key] ?? "none") → \(value)")
    }
    if record.limits != former.limits { reasons.append("its limits change") }
    if record.backup != former.backup { reasons.append("its backup policy changes") }
    if record.pluginVersion != former.pluginVersion {
      reasons.append("plugin: \(former.pluginVersion ?? "unknown") → \(record.pluginVersion ?? "unknown")")
    }
    if record.pluginFolder != former.pluginFolder {
      reasons.append("plugin folder: \(former.pluginFolder ?? "the usual") → \(record.pluginFolder ?? "the usual")")
    }
    if record.version != former.version {
      reasons.append("program: \(former.version ?? "unknown") → \(record.version ?? "unknown")")
    }
    for (service, image) in record.images.sorted(by: { $0.key < $1.key }) where former.images[service] != image {
      let names = [former.images[service], image].map { $0.map { $0.digest ?? $0.id ?? $0.reference } ?? "none" }
      reasons.append("image of \(service): \(names[0]) → \(names[1])")
    }
    for build in record.builds where !former.builds.contains(build) {
      let old = former.builds.first(where: build.isLike)
      reasons.append("build of the app \(build.title): \(old.map { "\($0.build)" } ?? "none") → \(build.build)")
    }
    if record.release != former.release {
      let names = [former.release, record.release].map { $0.map { String($0.prefix(12)) } ?? "none" }
      reasons.append("release: \(names[0]) → \(names[1])")
    }
    if record.services != former.services {
      reasons.append(
        "services: \(former.services.joined(separator: ", ")) → \(record.services.joined(separator: ", "))")
    }
    if record.pool != former.pool { reasons.append("pool: \(former.pool ?? "none") → \(record.pool ?? "none")") }
    for (network, subnet) in record.subnets.sorted(by: { $0.key < $1.key }) where former.subnets[network] != subnet {
      reasons.append(
        "addresses of the network \(network): \(former.subnets[network]?.description ?? "Docker's choice") → \(subnet)")
    }
    if record.routes != former.routes { reasons.append("what a web proxy passes on to it changes") }
    if record.fleet != former.fleet { reasons.append("the fleet file lists it") }
    return reasons
  }

  func settingReasons() -> [String] {
    let manifest = planner.facts.manifest
    let stored = planner.storedSettings
    let named = manifest.named(stored)
    let old = Dictionary(named.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(settings.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let renamed = zip(stored, named).filter { $0.key != $1.key }.map { "setting \($0.key) is called \($1.key) now" }
    return renamed
      + Set(old.keys).union(new.keys).sorted().compactMap { key in
        guard old[key]?.value != new[key]?.value else { return nil }
        // One that the person gives up themselves goes too.
        let isHomeless = manifest.stored(key) == nil
        if OwnVariable.isKey(key) {
          guard new[key] == nil else { return "variable \(key) \(old[key] == nil ? "is set" : "changes")" }
          return "variable \(key) goes" + (isHomeless ? ": the plugin sets it itself" : "")
        }
        if isHomeless { return "setting \(key) goes: the plugin no longer has it" }
        if new[key]?.isSecret ?? old[key]?.isSecret ?? false { return "setting \(key) changes" }
        return "setting \(key): \(old[key]?.value ?? "unset") → \(new[key]?.value ?? "unset")"
      }
  }
}
