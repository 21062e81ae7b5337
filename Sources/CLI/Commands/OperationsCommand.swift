import ArgumentParser
import BerthEngine
import BerthKit
import BerthStore

struct OperationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operations", abstract: "Who changed what, and what broke off.",
    discussion: """
      Every command that changes the host is an operation. What it is about to do is written down before it is done, so \
      that one that broke off (a power cut, a kill) can be finished or taken back as a whole.

      EXAMPLES
        berth operations list
        berth operations show 12
        berth operations recover              everything that broke off
      """,
    subcommands: [OperationsList.self, OperationsShow.self, OperationsRecover.self],
    defaultSubcommand: OperationsList.self)
}

/// An operation as the JSON contract shows it.
struct OperationReport: Encodable {
  let operation: OperationRecord
  /// Who is at work on it now.
  let holder: String?
  /// Steps that were begun and can be taken back; nil in a list.
  var begun: [String]?

  /// `running`, `incomplete`, or how it ended.
  var status: String {
    guard operation.state.isOpen else { return operation.state.rawValue }
    return holder == nil ? "incomplete" : "running"
  }

  var remedy: Remedy? { status == "incomplete" ? .berth("operations", "recover", "\(operation.id)") : nil }

  private struct ItemReport: Encodable {
    let item: OperationRecord.Item

    private enum CodingKeys: String, CodingKey {
      case app, action, outcome, error
      case instanceID = "instance_id"
      case instanceName = "instance_name"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(item.key.app, forKey: .app)
      try container.encode(item.key.id, forKey: .instanceID)
      try container.encode(item.name, forKey: .instanceName)
      try container.encode(item.action, forKey: .action)
      try container.encode(item.outcome, forKey: .outcome)
      try container.encode(item.error, forKey: .error)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case id, verb, command, status, user, error, remedy, holder, steps, begun, instances
    case userID = "user_id"
    case sudoUser = "sudo_user"
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case stepsBegun = "steps_begun"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(operation.id, forKey: .id)
    try container.encode(operation.verb, forKey: .verb)
    try container.encode(operation.command, forKey: .command)
    try container.encode(status, forKey: .status)
    try container.encode(operation.person.id, forKey: .userID)
    try container.encode(operation.person.name, forKey: .user)
    try container.encode(operation.person.sudoUser, forKey: .sudoUser)
    try container.encode(operation.startedAt, forKey: .startedAt)
    try container.encode(operation.endedAt, forKey: .endedAt)
    try container.encode(operation.error, forKey: .error)
    try container.encode(remedy, forKey: .remedy)
    try container.encode(holder, forKey: .holder)
    try container.encode(operation.steps, forKey: .steps)
    try container.encode(operation.begun, forKey: .stepsBegun)
    try container.encodeIfPresent(begun, forKey: .begun)
    try container.encode(operation.items.map(ItemReport.init), forKey: .instances)
  }
}

struct OperationsList: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the newest operations: who, when, what, and how it ended.")

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many.", valueName: "count"))
  var lines = 50

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard (0...1000).contains(lines) else { throw ValidationError("--lines takes 0 to 1000") }
  }

  func run() async throws {
    let reports = try options.open().operations(newest: lines).map {
      OperationReport(operation: $0.operation, holder: $0.holder)
    }
    if options.json { return try Output.json(reports) }
    var table = Table(["ID", "BEGAN", "USER", "STATUS", "OPERATION", "COMMAND"])
    for report in reports {
      let operation = report.operation
      let user = operation.person.sudoUser.map { "\($0) (sudo)" } ?? operation.person.name
      table.add(["\(operation.id)", operation.startedAt, user, report.status, operation.title, operation.command])
    }
    for line in table.lines() { Output.line(line) }
  }
}

struct OperationsShow: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one operation: its instances, its error, and how far it came.")

  @Argument(help: "The operation's number.")
  var number: Int64

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let found = try options.open().operation(number)
    let report = OperationReport(
      operation: found.operation, holder: found.holder, begun: found.operation.state.isOpen ? found.begun : [])
    if options.json { return try Output.json(report) }
    let operation = found.operation
    Output.line("operation \(operation.id): \(operation.title), \(report.status)")
    Output.line("command   \(operation.command)")
    Output.line("user      \(operation.person.name)\(operation.person.sudoUser.map { ", by sudo from \($0)" } ?? "")")
    Output.line("began     \(operation.startedAt)")
    if let ended = operation.endedAt { Output.line("ended     \(ended)") }
    Output.line("steps     \(operation.begun) of \(operation.steps) begun")
    if let holder = found.holder { Output.line("at work   \(holder)") }
    for line in operation.error?.split(separator: "\n") ?? [] { Output.line("error     \(line)") }
    for item in operation.items {
      let outcome = item.outcome.map { ", \($0.rawValue)" } ?? ""
      Output.line(
        "instance  \(item.title) (\(item.key.id)): \(item.action)\(outcome)\(item.error.map { ": \($0)" } ?? "")")
    }
    for step in report.begun ?? [] { Output.line("begun     \(step)") }
    if let remedy = report.remedy { Output.line("remedy    \(remedy.whole)") }
  }
}

struct OperationsRecover: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "End operations that broke off: each is finished or taken back as a whole.",
    discussion: """
      Says for each which of the two it did. What could not be taken back is named, and may be tried again; with \
      --abandon it is left as it is and the operation is closed.
      """)

  @Argument(help: "One operation's number; all that broke off when it is left out.")
  var number: Int64?

  @Flag(help: "Close an operation although something of it cannot be taken back.")
  var abandon = false

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    let id: Int64
    let verb: String
    let ending: RecoveryReport.Ending
    let instances: [String]
    let leftovers: [String]
  }

  func run() async throws {
    let reports = try await options.open().recover(number, abandons: abandon)
    if options.json {
      try Output.json(
        reports.map {
          Report(
            id: $0.operation.id, verb: $0.operation.verb, ending: $0.ending, instances: $0.operation.items.map(\.title),
            leftovers: $0.leftovers)
        })
    } else if reports.isEmpty {
      Output.notice("nothing broke off")
    } else {
      for report in reports {
        let ending =
          switch report.ending {
          case .finished: "was finished"
          case .undone: "was taken back"
          case .stuck: abandon ? "was closed, and this is left" : "could not be taken back whole"
          }
        Output.line("operation \(report.operation.id) (\(report.operation.title)) \(ending)")
        for line in report.leftovers { Output.line("  \(line)") }
      }
    }
    if !abandon, reports.contains(where: { $0.ending == .stuck || !$0.leftovers.isEmpty }) {
      throw ExitCode(BerthError.Kind.failure.exitStatus)
    }
  }
}
