import BerthKit
import BerthPlan

/// Keeps instances on the units that they were last made or changed with, while the templates of their app change for others.
///
/// A unit file with an instance's id in its name stands before the template of that name (systemd.unit(5)). So an instance
/// runs no job, and no other command line, of a plugin that it was not updated to. Its next change takes these files away.
extension PlanBuilder {
  /// The parts with what keeps the units of the instances that stay as they are.
  func pinning(_ parts: [InstanceSteps], beside others: some Sequence<InstanceRecord>) -> [InstanceSteps] {
    let others = others.filter { $0.state == .ready }.sorted { $0.key < $1.key }
    var pins: [String: [InstanceRecord]] = [:]
    return parts.map { part in
      var (change, phases) = (part.change, part.steps)
      for (phase, steps) in part.steps {
        phases[phase] = steps.map { step in
          guard case .shareUnits(let app, let files) = step else { return step }
          let (own, kept) = self.pins(of: app, becoming: files, for: others.filter { $0.key.app == app })
          if !kept.isEmpty, pins.updateValue(kept, forKey: app) == nil { change = change.because(Self.reason(kept)) }
          return .shareUnits(app: app, files: files + own)
        }
      }
      var pinned = InstanceSteps(change, phases)
      pinned.shown = part.shown
      return pinned
    }
  }

  private func pins(
    of app: String, becoming files: [FileWrite], for others: [InstanceRecord]
  ) -> (files: [FileWrite], kept: [InstanceRecord]) {
    guard !others.isEmpty else { return ([], []) }
    let changing = (units.shared[app] ?? []).sorted().compactMap { path -> (path: String, text: String)? in
      guard let next = files.first(where: { $0.path == path }), let text = try? view.text(path),
        !text.isSame(as: next.text)
      else { return nil }
      return (path, text)
    }
    var (pins, kept): ([FileWrite], [InstanceRecord]) = ([], [])
    for record in changing.isEmpty ? [] : others {
      kept.append(record)
      for template in changing {
        // What it was kept on before stays.
        let path = ScopePaths.unit(ofTemplate: template.path, record.key.id.text)
        if !view.exists(path) { pins.append(FileWrite(path: path, text: template.text, mode: 0o644)) }
      }
    }
    return (pins, kept)
  }

  private static func reason(_ kept: [InstanceRecord]) -> String {
    let names = kept.count <= 3 ? kept.map(\.title).joined(separator: ", ") : "\(kept.count) other instances"
    return "\(names) \(kept.count == 1 ? "keeps" : "keep") the former units until the next update"
  }
}

extension ScopePaths {
  /// `app@ID.service` of `app@.service`.
  static func unit(ofTemplate path: String, _ id: String) -> String {
    guard let at = path.lastIndex(of: "@") else { return path }
    return "\(path[...at])\(id)\(path[path.index(after: at)...])"
  }
}

extension Difference {
  /// Those of some files that stand before a template.
  func pins(among paths: [String]) -> Set<String> {
    Set(
      paths.filter { path in
        path.hasPrefix("\(planner.facts.context.paths.units)/")
          && [".service", ".timer", ".target", ".socket"].contains(where: path.hasSuffix)
      })
  }
}
