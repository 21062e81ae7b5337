import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlan
import Foundation

/// The fleet file, and whether it takes instances away.
struct FleetOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The fleet file; - for stdin.", valueName: "fleet.yaml"),
    completion: .file())
  var file: String

  @Flag(help: "Remove instances that a file of this fleet made and that it no longer lists.")
  var prune = false

  @OptionGroup var grants: GrantOptions

  /// More than any fleet file may have, in bytes.
  private static let enough = 9 << 20

  /// The open file that a name stands for: stdin, or what a shell makes of `<(program)`, and nil for a path.
  private var descriptor: Int32? {
    if file == "-" || file == "/dev/stdin" { return STDIN_FILENO }
    return file.hasPrefix("/dev/fd/") ? Int32(file.dropFirst("/dev/fd/".count)) : nil
  }

  /// Reads the file.
  func read(_ berth: Berth, goesOn: Bool) throws -> FleetFile {
    guard let descriptor else { return try berth.fleet(at: file, goesOn: goesOn) }
    // Reading cannot be cancelled, and nothing is under way meanwhile.
    let bytes = Signals.endingAtOnce {
      (try? FileHandle(fileDescriptor: descriptor).read(upToCount: Self.enough)) ?? Data()
    }
    return try berth.fleet(fromInput: [UInt8](bytes), goesOn: goesOn)
  }
}

struct FleetPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a fleet file would change; exits with 1 when there is a difference.",
    discussion: """
      EXAMPLES
        berth plan -f fleet.yaml
        berth plan -f fleet.yaml --prune --json
        generate | berth plan -f -
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let plan = try await berth.planFleet(
      try fleet.read(berth, goesOn: true), prunes: fleet.prune,
      accepting: fleet.grants.accepted)
    try PlanOutput.print(plan, isMany: true, json: options.json)
    if !plan.isEmpty { throw ExitCode(1) }
  }
}

struct FleetApply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Bring the host to what a fleet file says.",
    discussion: """
      A second run has nothing to do. When an instance fails everything is taken back, unless --keep-going. What the file \
      does not name stays as it is: ports, settings, labels, and instances that were not made by a file of this fleet.

      A file may come from anybody: what it asks for beyond the instances' own files (paths of this host, images, host \
      names, wider limits, low ports, …) is shown, and taken only when it is confirmed by name. What an instance has already \
      is not asked for again.

      EXAMPLES
        berth apply -f fleet.yaml
        berth apply -f fleet.yaml --accept jellyfin.media,jellyfin.domain
        berth apply -f fleet.yaml --prune --yes
        berth apply -f fleet.yaml --keep-going --json --progress json
      """)

  @OptionGroup var fleet: FleetOptions

  @OptionGroup var dropping: DropOptions
  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func run() async throws {
    var berth = try options.open(carrying, need: .plugins, choose: dropping.choose)
    let file = try fleet.read(berth, goesOn: carrying.keepGoing || carrying.dryRun)
    var accepted = fleet.grants.accepted
    func look(_ berth: Berth) async throws -> Berth.Draft {
      try await berth.draftFleet(file, prunes: fleet.prune, accepting: accepted)
    }
    var draft = try await look(berth)
    if carrying.dryRun { return try PlanOutput.print(draft.plan, isMany: true, json: options.json) }
    let answers = GrantOptions.ask(draft.plan, from: "the fleet file", options)
    guard answers.allSatisfy(\.isTaken) else { throw ExitCode(1) }
    if !answers.isEmpty {
      accepted.formUnion(answers.map(\.0.item))
      draft = try await look(berth)
    }
    let plan = draft.plan
    // Whoever has to confirm a removal knows first that it would not be all. Much may have happened until the answer.
    let hasWaited = try plan.openGrants.isEmpty && confirm(plan)
    let isNew = berth.isNew
    berth = try options.making(berth, carrying, plan, choose: dropping.choose)
    let outcomes = try await berth.apply(
      file, prunes: fleet.prune, accepting: accepted, draft: hasWaited || isNew ? nil : draft)
    let reports = outcomes.compactMap { try? $0.result.get() }
    let failures = outcomes.failures
    if options.json {
      try Output.json(FleetReport(plan, instances: reports, failed: failures.count))
    } else if plan.isEmpty, failures.isEmpty {
      Output.line("nothing to do")
    } else {
      for line in PlanOutput.counts(plan, failed: failures.count) { Output.line(line) }
    }
    try BatchStatus.finish(failures, isMany: true, json: options.json)
  }

  /// - Returns: whether a person was asked.
  private func confirm(_ plan: Plan) throws -> Bool {
    let removed = plan.changes.filter { $0.action == .remove }.map(\.record.title)
    guard !removed.isEmpty, !options.yes else { return false }
    try options.confirm("remove \(removed.joined(separator: ", ")) with all data")
    return true
  }
}

struct FleetExport: AsyncParsableCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print the fleet file of what is there.",
    discussion: """
      Applied on this host it changes nothing; on another it makes the same instances. Secrets are left out unless \
      --reveal, and made anew where they are missing.
      """)

  @Flag(help: "Write secrets too.")
  var reveal = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let text = FleetWriter.text(try options.open().export(reveals: reveal))
    Output.content(String(text.dropLast()))
  }
}
