import BerthKit

/// The folders that belong to one instance each, of all apps, kept instances included: what goes, and comes back from a
/// backup, with its instance. None lies in another.
package struct Grounds {
  /// Berth's own folders, which no instance is given.
  private let own: [String]
  private let instances: String
  private let origin: (String) -> String
  private var owners: [String: InstanceRecord] = [:]
  /// For every folder above one of them: the instances that have a folder below it, by uid.
  private var below: [String: [String: InstanceRecord]] = [:]
  /// For every folder that instances are shown: those, by uid.
  private var shown: [String: [String: InstanceRecord]] = [:]

  /// - Parameter origin: gives one path to each folder: without links and bind mounts.
  package init(_ paths: ScopePaths, _ records: [InstanceRecord], origin: @escaping (String) -> String) {
    own = [paths.state, paths.config, paths.backups].map(origin)
    instances = origin(paths.instances)
    self.origin = origin
    for record in records { insert(record) }
  }

  /// Makes sure that a new or changed instance has its folders for itself, and is shown nobody else's.
  ///
  /// - Parameters:
  ///   - shown: other folders that its plugin mounts or serves.
  ///   - former: the instance as it was, and what it was shown; nothing of that is looked at again.
  /// - Throws: `directory-in-use`.
  func requireFree(
    _ record: InstanceRecord, shown: [ShownFolder], former: (InstanceRecord, shown: [ShownFolder])? = nil
  ) throws {
    let known = Set(former.map { Self.folders(of: $0.0) + $0.shown.map(\.path) } ?? [])
    for folder in Self.folders(of: record) where !known.contains(folder) { try requireFree(folder, for: record) }
    for folder in shown where !known.contains(folder.path) {
      let way = try requireNobodys(folder.path, for: record, settings: folder.settings)
      // Around them, as of a monitor that is shown the whole host, they are what the operator has confirmed.
      if !way.contains(home(of: record)), let berths = own.first(where: way.contains) {
        throw BerthError.directoryInUse(
          folder.path, "it lies in Berth's own folder \(berths)", settings: folder.settings)
      }
    }
  }

  /// - Parameter shown: what the instance is shown of the host, as far as it is known.
  mutating func insert(_ record: InstanceRecord, shown folders: [String] = []) {
    for folder in Self.folders(of: record).map(origin) {
      owners[folder] = record
      for above in Self.above(folder) { below[above, default: [:]][record.uid] = record }
    }
    for folder in folders.map(origin) { shown[folder, default: [:]][record.uid] = record }
  }

  mutating func remove(_ record: InstanceRecord) {
    for folder in Self.folders(of: record).map(origin) {
      owners[folder] = nil
      for above in Self.above(folder) { below[above]?[record.uid] = nil }
    }
    for folder in shown.keys { shown[folder]?[record.uid] = nil }
  }

  /// Makes sure that nobody else has a folder, nor one around it or in it, and that nobody else is shown it.
  ///
  /// - Parameter record: whose it may be; nil for an instance that is still to come.
  /// - Throws: `directory-in-use`.
  package func requireFree(_ folder: String, for record: InstanceRecord?) throws {
    let way = try requireNobodys(folder, for: record)
    if let berths = own.first(where: way.contains) {
      throw BerthError.directoryInUse(folder, "it lies in Berth's own folder \(berths)")
    }
    for place in way {
      guard let other = shown[place]?.values.filter({ $0.uid != record?.uid }).min(by: { $0.title < $1.title }) else {
        continue
      }
      throw BerthError.directoryInUse(folder, "\(other.title) mounts or serves \(place)")
    }
  }

  /// - Parameter settings: those that name the folder.
  /// - Returns: the folder's origin, and the folders above that.
  @discardableResult
  private func requireNobodys(
    _ folder: String, for record: InstanceRecord?, settings: [String] = []
  ) throws -> [String] {
    let real = origin(folder)
    let way = [real] + Self.above(real)
    for (index, place) in way.enumerated() {
      guard let other = owners[place], other.uid != record?.uid else { continue }
      throw BerthError.directoryInUse(
        folder, index == 0 ? "it belongs to \(other.title)" : "it lies in the folder of \(other.title)",
        settings: settings)
    }
    if let other = below[real]?.values.filter({ $0.uid != record?.uid }).min(by: { $0.title < $1.title }) {
      throw BerthError.directoryInUse(folder, "the folder of \(other.title) lies in it", settings: settings)
    }
    let home = record.map(home)
    if way.contains(instances), !way.contains(where: { $0 == home }) {
      throw BerthError.directoryInUse(folder, "it lies in the folder of another instance", settings: settings)
    }
    return way
  }

  private func home(of record: InstanceRecord) -> String { "\(instances)/\(record.key.app)/\(record.key.id)" }

  private static func folders(of record: InstanceRecord) -> [String] {
    (record.directory.map { [$0] } ?? []) + record.folders
  }

  /// The folders on the way to one, without the root.
  private static func above(_ folder: String) -> [String] {
    var result: [String] = []
    var rest = folder[...]
    while let slash = rest.lastIndex(of: "/"), slash > rest.startIndex {
      rest = rest[..<slash]
      result.append(String(rest))
    }
    return result
  }
}

/// A folder or file of the operator's that a service is shown.
package struct ShownTree: Hashable {
  package let path: String
  /// Where the service sees it.
  let target: String
  /// Whether the service sees the host's own files around it, and not those of an image.
  let isOnHost: Bool
  /// Who writes in it; nil for nobody, and for a user that only an image knows.
  let writer: FileNumbers?
}

/// A folder of the host that an instance's services or the proxy are shown.
package struct ShownFolder {
  package let path: String
  /// The settings that its path is made of.
  package let settings: [String]
}
