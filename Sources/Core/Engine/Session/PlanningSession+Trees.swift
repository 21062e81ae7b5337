import BerthKit
import BerthPlan
import BerthPlanning

/// What services are shown of the host.
extension PlanningSession {
  /// What instances are shown of the host. What a plugin that is gone would say of its instances is not known.
  func shownFolders() throws -> [(record: InstanceRecord, folders: [String])] {
    let (config, settings) = (try berth.hostConfig(), try host.registry.settings())
    var shown: [(record: InstanceRecord, folders: [String])] = []
    for (app, records) in Dictionary(grouping: try host.registry.instances(), by: \.key.app) {
      guard let plugin = try? catalog.plugin(app), plugin.manifest.showsFolders else { continue }
      let facts = orderFacts(plugin, config)
      for record in records {
        let values = plugin.manifest.values(of: settings[record.uid] ?? [])
        shown.append((record, (try? facts.shown(to: record, values: values).map(\.path)) ?? []))
      }
    }
    return shown
  }

  /// Folders of the operator's in which instances may not write, or do not share what they write.
  func closedTrees() throws -> [(record: InstanceRecord, tree: ClosedTree)] {
    let (config, settings, view) = (try berth.hostConfig(), try host.registry.settings(), try hostView())
    let all = try host.registry.instances()
    return Dictionary(grouping: all, by: \.key.app).sorted { $0.key < $1.key }
      .flatMap { app, records -> [(record: InstanceRecord, tree: ClosedTree)] in
        guard let plugin = try? catalog.plugin(app), plugin.manifest.showsFolders else { return [] }
        let facts = orderFacts(plugin, config)
        return records.flatMap { record in
          let values = plugin.manifest.values(of: settings[record.uid] ?? [])
          return facts.closedTrees(of: record, values: values, view).map { (record, $0) }
        }
      }
  }

  /// Why instances could not start, by uid: a folder of the operator's is not there, such as one of a disk that is not mounted.
  ///
  /// An order is given without plugins. What it cannot be told of here, such as where a plugin is gone, is no reason to refuse it.
  ///
  /// - Parameter service: the one that is started; all when nil.
  func missingTrees(of records: [InstanceRecord], service: String?) throws -> [String: BerthError] {
    var missing: [String: BerthError] = [:]
    for (app, records) in Dictionary(grouping: records, by: \.key.app) {
      guard let plugin = try? berth.plugin(app), plugin.manifest.services.contains(where: { !$0.mounts.isEmpty }),
        let config = try? berth.hostConfig()
      else { continue }
      let (facts, view, settings) = (orderFacts(plugin, config), try hostView(), try host.registry.settings())
      for record in records {
        missing[record.uid] = facts.missingTree(of: record, settings[record.uid] ?? [], service: service, view)
      }
    }
    return missing
  }
}
