import BerthKit
import BerthPlan

/// Instances that are done together, and those that are done one after the other, since they serve behind one name.
///
/// As long as another one serves, an instance leaves its pool before it stops, and is in it again once it is ready. What
/// is in no pool is done at once, with the first of each pool.
package struct PoolWaves {
  private struct Pool: Hashable { let app, name: String }

  private let records: [String: InstanceRecord]
  private let isActive: (InstanceRecord) -> Bool
  private let exists: (String) -> Bool
  /// The instances of each pool that serve, by uid.
  private var serving: [Pool: Set<String>]

  /// - Parameters:
  ///   - records: the instances as they are, with all of the pools that matter.
  ///   - exists: whether a file is there.
  package init(_ records: [InstanceRecord], states: [String: UnitState], exists: @escaping (String) -> Bool) {
    self.records = Dictionary(records.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    self.exists = exists
    isActive = { $0.isActive(states) }
    serving = [:]
    for record in records where record.state == .ready {
      guard let pool = Self.pool(of: record), record.units.allSatisfy({ states[$0]?.active == "active" }) else {
        continue
      }
      serving[pool, default: []].insert(record.uid)
    }
  }

  private static func pool(of record: InstanceRecord) -> Pool? {
    record.routes.isEmpty ? nil : record.pool.map { Pool(app: record.key.app, name: $0) }
  }

  /// Each wave begins once the one before has ended well.
  package func waves(_ parts: [InstanceSteps]) -> [[InstanceSteps]] {
    var serving = serving
    for part in parts where part.change.isRemoval {
      for pool in serving.keys { serving[pool]?.remove(part.change.record.uid) }
    }
    func others(_ pool: Pool, _ record: InstanceRecord) -> Bool {
      !serving[pool, default: []].subtracting([record.uid]).isEmpty
    }
    var first: [InstanceSteps] = []
    var held: [(pool: Pool, part: InstanceSteps)] = []
    var rolled: [(pool: Pool, part: InstanceSteps)] = []
    for part in parts {
      guard let (record, pool) = member(part) else {
        first.append(part)
        continue
      }
      let isServing = isActive(record)
      if isServing, !part.change.isRemoval {
        rolled.append((pool, part))
      } else if others(pool, record), isServing || !part.change.isEnd {
        // What goes leaves first, and what starts is out of the pool until it is ready.
        held.append((pool, leaving(part, record)))
      } else {
        first.append(part)
      }
    }
    var waves = [first + held.map(\.part)]
    var next: [Pool: Int] = [:]
    for (pool, part) in held where !part.change.isEnd {
      serving[pool, default: []].insert(part.change.record.uid)
      next[pool] = 1
    }
    for (pool, part) in rolled {
      let record = records[part.change.record.uid] ?? part.change.record
      let wave = next[pool, default: 0]
      next[pool] = wave + 1
      while waves.count <= wave { waves.append([]) }
      waves[wave].append(others(pool, record) ? leaving(part, record) : part)
      if part.change.isEnd { serving[pool]?.remove(record.uid) }
    }
    return waves
  }

  /// The instance as it is, and its pool, where something interrupts it that stays there.
  private func member(_ part: InstanceSteps) -> (InstanceRecord, Pool)? {
    guard part.isInterrupting, let record = records[part.change.record.uid], let pool = Self.pool(of: record),
      part.change.record.pool == record.pool
    else { return nil }
    return (record, pool)
  }

  /// The same, with the instance out of its pool from before it stops until it is ready again, or has stopped.
  private func leaving(_ part: InstanceSteps, _ record: InstanceRecord) -> InstanceSteps {
    let places = PoolPlace.all(of: record, comesBack: !part.change.isEnd, exists: exists)
    guard !places.isEmpty else { return part }
    var part = part
    let phase: Phase = part.steps[.halt]?.contains(where: \.isInterrupting) == true ? .halt : .activate
    part.steps[phase] = places.map { .leavePool(record, $0) } + (part.steps[phase] ?? [])
    // Its files go with it.
    if !part.change.isRemoval { part.add(.activate, places.map { .joinPool(record, $0) }) }
    return part
  }
}

extension InstanceChange {
  fileprivate var isRemoval: Bool { [.remove, .keep].contains(action) }
  /// Whether the instance does not serve afterwards.
  fileprivate var isEnd: Bool { isRemoval || action == .stop }
}

extension InstanceSteps {
  /// Whether the instance answers nobody meanwhile.
  fileprivate var isInterrupting: Bool {
    [Phase.halt, .activate].contains { steps[$0]?.contains(where: \.isInterrupting) == true }
  }
}

extension Step {
  fileprivate var isInterrupting: Bool {
    switch self {
    case .start, .stop, .restart: true
    default: false
    }
  }
}
