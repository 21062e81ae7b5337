import ArgumentParser
import BerthEngine
import BerthKit

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
      OperationReport($0.operation, holder: $0.holder)
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
      found.operation, holder: found.holder, begun: found.operation.state.isOpen ? found.begun : [])
    if options.json { return try Output.json(report) }
    let operation = found.operation
    Output.line("operation \(operation.id): \(operation.title), \(report.status)")
    Output.line("command   \(operation.command)")
    Output.line("user      \(operation.person.name)\(operation.person.sudoUser.map { ", by sudo from \($0)" } ?? "")")
    Output.line("began     \(operation.startedAt)")
    if let ended = operation.endedAt { Output.line("ended     \(ended)") }
    Output.line("steps     \(operation.begun) of \(operation.steps) begun")
    if let holder = found.holder { Output.line("at work   \(holder)") }
    for line in operation.error?.lines ?? [] where !line.isEmpty { Output.line("error     \(line)") }
    for item in operation.items {
      let outcome = item.outcome.map { ", \($0.rawValue)" } ?? ""
      let lines = item.error?.lines.filter { !$0.isEmpty } ?? []
      Output.line(
        "instance  \(item.title) (\(item.key.id)): \(item.action)\(outcome)\(lines.first.map { ": \($0)" } ?? "")")
      for line in lines.dropFirst() { Output.line("          \(line)") }
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

  /// What the unit says that recovers at a boot.
  @Flag(help: .hidden)
  var atBoot = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let reports = try await options.open(isBooting: atBoot).recover(number, abandons: abandon)
    if options.json {
      try Output.json(reports)
    } else if reports.isEmpty {
      if !atBoot { Output.notice("nothing broke off") }
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
        if report.ending == .stuck, !abandon {
          let remedy = Remedy.berth("operations", "recover", "\(report.operation.id)", "--abandon")
          Output.line("  remedy: mend that and run this again; or leave it as it is: \(remedy.whole)")
        }
      }
    }
    if !abandon, reports.contains(where: { $0.ending == .stuck || !$0.leftovers.isEmpty }) {
      throw ExitCode(BerthError.Kind.failure.exitStatus)
    }
  }
}
