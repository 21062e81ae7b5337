import BerthKit

/// The instances of an app, for finding what a new or changed one may not take from them.
package struct Neighbours {
  private var ids: [InstanceID: InstanceRecord] = [:]
  private var names: [InstanceName: InstanceRecord] = [:]
  private var directories: [String: InstanceRecord] = [:]
  /// The slugs in use.
  private(set) var slugs: Set<String> = []

  /// - Parameter records: all instances of the app, kept ones included.
  package init(_ records: [InstanceRecord] = []) { for record in records { insert(record) } }

  /// A kept instance no longer stands in the way of another that wants its name.
  package mutating func insert(_ record: InstanceRecord) {
    ids[record.key.id] = record
    guard record.state != .kept else { return }
    names[record.name] = record
    slugs.insert(record.slug)
    if let directory = record.directory { directories[directory] = record }
  }

  /// Keeps what an instance wants to be called, or may be called again, for it.
  package mutating func reserve(_ record: InstanceRecord) {
    ids[record.key.id] = ids[record.key.id] ?? record
    names[record.name] = names[record.name] ?? record
    slugs.insert(record.slug)
    if let directory = record.directory { directories[directory] = directories[directory] ?? record }
  }

  package mutating func remove(_ record: InstanceRecord) {
    ids[record.key.id] = nil
    guard record.state != .kept else { return }
    names[record.name] = nil
    slugs.remove(record.slug)
    if let directory = record.directory { directories[directory] = nil }
  }

  package subscript(id: InstanceID) -> InstanceRecord? { ids[id] }
  package subscript(name: InstanceName) -> InstanceRecord? { names[name] }
  package func owner(of directory: String) -> InstanceRecord? { directories[directory] }
}
