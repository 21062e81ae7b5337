import BerthKit

/// What will be done, in order: plain data that can be printed, stored and compared.
public struct Plan: Sendable, Equatable, Codable {
  /// Such as `install`.
  public let verb: String
  /// What becomes of each instance it is about.
  public let changes: [InstanceChange]
  public let steps: [PlannedStep]
  /// Those of which it is not about, since nothing could be planned for them. The journal does not keep them.
  public private(set) var refused: [Refusal] = []

  private enum CodingKeys: String, CodingKey { case verb, changes, steps }

  package init(verb: String, changes: [InstanceChange], steps: [PlannedStep], refused: [Refusal] = []) {
    self.verb = verb
    self.changes = changes
    self.steps = steps
    self.refused = refused
  }

  /// Merges what is to be done for each instance into one plan.
  ///
  /// The phases keep their order, and within a phase every instance's first step comes before every second one, so that
  /// steps of one kind stand side by side and can be one call.
  ///
  /// - Parameter waves: the same parts, where some wait until others are through; see ``PoolWaves``. Each wave goes through
  ///   the phases. Only what takes and frees names and ports is done for all in the first one.
  public init(verb: String, _ parts: [InstanceSteps], in waves: [[InstanceSteps]]? = nil, refused: [Refusal] = []) {
    let waves = waves ?? [parts]
    var steps: [PlannedStep] = []
    var shared: Set<Step> = []
    for (number, wave) in waves.enumerated() {
      for phase in Phase.allCases {
        let isForAll = [Phase.fetch, .forget, .claim].contains(phase)
        guard !isForAll || number == 0 else { continue }
        let columns = (isForAll ? waves.flatMap { $0 } : wave).map { part in (part, part.steps[phase] ?? []) }
        for row in 0..<(columns.map(\.1.count).max() ?? 0) {
          for (part, column) in columns where row < column.count {
            let step = column[row]
            // What several instances need alike is done once.
            if step.isShared, !shared.insert(step).inserted { continue }
            steps.append(PlannedStep(step: step, phase: phase, owner: step.owner(part.change.record)))
          }
        }
      }
      // What reads files again reads those of the next wave.
      shared = shared.filter { !$0.isReload }
    }
    self.init(verb: verb, changes: parts.map(\.change), steps: steps, refused: refused)
  }

  /// The plan without some of its instances, by uid.
  package func without(_ uids: Set<String>, refusing refused: [Refusal]? = nil) -> Plan {
    let left = changes.filter { !uids.contains($0.record.uid) }
    let apps = Set(left.map(\.record.key.app))
    // What is for all is for nobody then.
    guard !left.isEmpty else { return Plan(verb: verb, changes: [], steps: [], refused: refused ?? self.refused) }
    return Plan(
      verb: verb, changes: left,
      steps: steps.filter { planned in
        if case .makeRelease(let release) = planned.step { return left.contains { release.isOf($0.record) } }
        return switch planned.owner {
        case .instance(let uid): !uids.contains(uid)
        // What its instances share is needed as long as there is one.
        case .app(let app): apps.contains(app)
        case .all: true
        }
      }, refused: refused ?? self.refused)
  }

  /// Everyone it was asked for and has something to do for or refuses, in that order.
  public var records: [InstanceRecord] {
    refused.sorted { $0.position < $1.position }.reduce(into: changes.map(\.record)) { records, refusal in
      records.insert(refusal.record, at: min(refusal.position, records.count))
    }
  }

  /// The plan, where all of it is wanted or nothing.
  ///
  /// - Throws: the worst of what kept an instance from being planned.
  public func whole() throws -> Plan {
    guard refused.isEmpty else { throw BerthError.worst(of: refused.map(\.error)) }
    return self
  }

  /// The plan as the answer to a question: about one instance, what is wrong with it is the answer.
  package func answer(about count: Int) throws -> Plan { count == 1 ? try whole() : self }

  /// This plan and the one that follows it in the same operation, which knows better what becomes of each instance.
  package func followed(by next: Plan) -> Plan {
    Plan(verb: verb, changes: next.changes, steps: steps + next.steps, refused: refused + next.refused)
  }

  /// Whether there is nothing to do.
  public var isEmpty: Bool { steps.isEmpty }

  /// What is shown beside a step that concerns more than one instance.
  public var title: String { changes.count == 1 ? changes[0].record.title : "\(changes.count) instances" }

  /// Whether it may have to be finished where it broke off: orders, what cannot be taken back, and data that programs may have
  /// gone on with.
  package var mayBeFinished: Bool {
    isOrder
      || steps.contains {
        if case .replaceFolder = $0.step { return true }
        return $0.step.isPointOfNoReturn
      }
  }

  /// Whether it only gives orders to the manager, which are not taken back but given again.
  public var isOrder: Bool {
    steps.allSatisfy {
      switch $0.step {
      case .start, .stop, .restart, .enable, .disable, .leavePool, .joinPool: true
      default: false
      }
    }
  }
}

/// What has to be done together, in order. A plan's steps go through the phases once, whatever number of instances.
public enum Phase: Int, Sendable, Codable, CaseIterable, Comparable {
  /// Programs that instances share are fetched, while everything runs as before.
  case fetch = -1
  /// Services are stopped that will go away or must not run meanwhile.
  case halt = 0
  /// What was an instance's is set aside.
  case clear
  /// Rows and users of removed instances go, so that their names and ports are free.
  case forget
  /// New and changed instances take their names and ports.
  case claim
  /// Users, folders and files.
  case prepare
  /// Unit files and drop-ins.
  case units
  /// The manager reads the units again, once.
  case reload
  case jobs
  /// Services are enabled and started, which may take as long as the app takes.
  case activate
  case settle

  public static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}

/// A step in its place.
public struct PlannedStep: Sendable, Equatable, Codable {
  /// For whom a step is done. When one instance fails and the others go on, only its own steps are taken back.
  public enum Owner: Sendable, Hashable, Codable {
    /// By the instance's uid.
    case instance(String)
    case app(String)
    case all
  }

  public let step: Step
  public let phase: Phase
  public let owner: Owner

  package init(step: Step, phase: Phase, owner: Owner) {
    self.step = step
    self.phase = phase
    self.owner = owner
  }

  /// Whether both may stand in one group.
  package func isLike(_ other: PlannedStep) -> Bool { phase == other.phase && step.batch == other.step.batch }
}

/// What becomes of one instance, and why.
public struct InstanceChange: Sendable, Equatable, Codable {
  public enum Action: String, Sendable, Codable {
    case make, change, remove, keep, start, stop, restart, enable, disable, backup, restore
    case runJob = "run-job"
  }

  public let action: Action
  /// The instance as it will be, or as it was when it is removed.
  public let record: InstanceRecord
  /// Each in a few words, such as `setting max-clients: 8 → 16`.
  public let reasons: [String]
  /// A unified diff for each file that changes, secrets masked.
  public let diffs: [FileDiff]
  /// The units that are restarted.
  public let restarts: [String]
  /// What a person should hear of it, and no program needs.
  public let notices: [String]
  /// What its services may do beyond what shuts every service in, where the plan decides it.
  public let weakenings: [Weakening]
  /// What an archive from elsewhere asks for.
  public private(set) var grants: [Grant] = []

  public init(
    _ action: Action, _ record: InstanceRecord, reasons: [String] = [], diffs: [FileDiff] = [], restarts: [String] = [],
    notices: [String] = [], weakenings: [Weakening] = []
  ) {
    self.action = action
    self.record = record
    self.reasons = reasons
    self.diffs = diffs
    self.restarts = restarts
    self.notices = notices
    self.weakenings = weakenings
  }

  /// The same with one more reason.
  package func because(_ reason: String) -> InstanceChange {
    var change = InstanceChange(
      action, record, reasons: reasons + [reason], diffs: diffs, restarts: restarts, notices: notices,
      weakenings: weakenings)
    change.grants = grants
    return change
  }

  /// The same with what an archive asks for.
  package func asking(for grants: [Grant]) -> InstanceChange {
    var change = self
    change.grants = grants
    return change
  }

  /// How a file changes. Where only its owner or mode does, the difference is empty.
  public struct FileDiff: Sendable, Equatable, Codable {
    public let path: String
    public let diff: String

    package init(path: String, diff: String) {
      self.path = path
      self.diff = diff
    }
  }
}

/// What is to be done for one instance, by phase.
public struct InstanceSteps: Sendable {
  public let change: InstanceChange
  public var steps: [Phase: [Step]]
  /// What the instance will be shown of the host: the sources of mounts, and folders that are served.
  package var shown: [String] = []

  package init(_ change: InstanceChange, _ steps: [Phase: [Step]] = [:]) {
    self.change = change
    self.steps = steps
  }

  /// Whether nothing is to be done.
  public var isEmpty: Bool { steps.values.allSatisfy(\.isEmpty) }

  package mutating func add(_ phase: Phase, _ added: [Step]) { steps[phase, default: []] += added }
  package mutating func add(_ added: [Phase: [Step]]) { steps.merge(added) { $0 + $1 } }
}
