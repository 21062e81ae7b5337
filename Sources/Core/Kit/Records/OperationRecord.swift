/// One run of a plan, as the journal keeps it.
public struct OperationRecord: Sendable, Equatable {
  /// How far it has come.
  public enum State: String, Sendable, Codable, CaseIterable {
    /// Its steps are being carried out, or it broke off among them.
    case begun
    /// It is being taken back.
    case undoing
    /// It was taken back but for what its error names.
    case stuck
    /// Every step was done; what was set aside is being cleared away.
    case finishing
    case done
    case undone
    /// An order to the manager that some of its instances did not follow.
    case failed

    /// Whether something is left to do.
    public var isOpen: Bool { [.begun, .undoing, .stuck, .finishing].contains(self) }
  }

  /// Who gave the command.
  public struct Person: Sendable, Equatable {
    public let id: Int
    public let name: String
    /// Who called sudo; nil when nobody did.
    public let sudoUser: String?

    public init(id: Int, name: String, sudoUser: String?) {
      self.id = id
      self.name = name
      self.sudoUser = sudoUser
    }
  }

  /// One instance that the operation is about.
  public struct Item: Sendable, Equatable {
    public let uid: String
    public let key: InstanceKey
    public let name: InstanceName
    /// Such as `make`, `change` or `remove`.
    public let action: String
    /// What became of it; nil while the operation is open.
    public var outcome: State?
    /// What went wrong with it.
    public var error: String?

    public init(
      uid: String, key: InstanceKey, name: InstanceName, action: String, outcome: State? = nil, error: String? = nil
    ) {
      self.uid = uid
      self.key = key
      self.name = name
      self.action = action
      self.outcome = outcome
      self.error = error
    }

    public var title: String { "\(key.app)/\(name)" }
  }

  public let id: Int64
  /// The name of the lock that its process holds.
  public let token: String
  public let verb: String
  /// The command as it was typed, values of settings left out.
  public let command: String
  public let person: Person
  /// ISO 8601 in UTC.
  public let startedAt: String
  public let endedAt: String?
  public let state: State
  /// How many steps its plan has.
  public let steps: Int
  /// How many of them were begun.
  public let begun: Int
  public let error: String?
  public let items: [Item]

  public init(
    id: Int64, token: String, verb: String, command: String, person: Person, startedAt: String, endedAt: String?,
    state: State, steps: Int, begun: Int, error: String?, items: [Item]
  ) {
    self.id = id
    self.token = token
    self.verb = verb
    self.command = command
    self.person = person
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.state = state
    self.steps = steps
    self.begun = begun
    self.error = error
    self.items = items
  }

  /// The instances of which it is not yet known what becomes of them.
  public var openItems: [Item] { items.filter { $0.outcome == nil } }

  /// What it does and to what, in a few words.
  public var title: String {
    switch items.count {
    case 0: verb
    case 1: "\(verb) \(items[0].title)"
    default: "\(verb) \(items.count) instances"
    }
  }
}

/// What an operation is before it has a number.
public struct OperationDraft: Sendable {
  public let token: String
  public let verb: String
  public let command: String
  public let person: OperationRecord.Person
  public let startedAt: String
  public let steps: Int
  public let items: [OperationRecord.Item]
  /// The plan as JSON, where it may have to be finished instead of taken back.
  public let plan: String?
  /// Instances as they will be, and as they were: their names, ports and folders are nobody else's meanwhile.
  public let claims: [InstanceRecord]

  public init(
    token: String, verb: String, command: String, person: OperationRecord.Person, startedAt: String, steps: Int,
    items: [OperationRecord.Item], plan: String?, claims: [InstanceRecord] = []
  ) {
    self.token = token
    self.verb = verb
    self.command = command
    self.person = person
    self.startedAt = startedAt
    self.steps = steps
    self.items = items
    self.plan = plan
    self.claims = claims
  }
}
