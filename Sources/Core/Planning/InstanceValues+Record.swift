import BerthKit
import BerthRender

extension InstanceValues {
  /// An instance as rendering needs to know it.
  init(_ record: InstanceRecord, values: [String: Value], facts: AppFacts) {
    self.init(
      key: record.key, uid: record.uid, name: record.name, slug: record.slug, user: record.user,
      numbers: facts.numbers(record.user),
      settings: values,
      ports: Dictionary(record.ports.map { ($0.role, $0.port.number) }, uniquingKeysWith: { first, _ in first }),
      limits: Service.Limits(record.limits),
      backup: (record.backup ?? BackupPolicy()).filled(from: facts.manifest.backupPolicy),
      images: record.images.compactMapValues(\.id),
      release: record.release.map { facts.context.paths.release(record.key.app, $0) },
      pool: record.pool, sharedGroup: try? facts.sharedGroup(of: record, values), subnets: record.subnets)
  }
}

extension Variables {
  /// Everything that a template may name, for an instance as the registry knows it.
  package init(_ record: InstanceRecord, values: [String: Value], facts: AppFacts) {
    self.init(
      manifest: facts.manifest, instance: InstanceValues(record, values: values, facts: facts),
      context: facts.context)
  }
}
