import ArgumentParser
import BerthEngine
import BerthKit
import BerthProof

struct AppTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Try a plugin with its real program, and say which level it has.",
    discussion: """
      Berth makes a sandbox, installs the app in it, does to it what people and bad days do, and removes all of it again. What is \
      tried follows from the plugin; its author writes 'probe-data' and nothing else.

      LEVELS
      \(ProofLevel.allCases.map { "  \($0.rawValue)  \($0.promise)" }.joined(separator: "\n"))

      Containers need a scope of the host's: --scope system or --scope user, on a host without an instance of the app.

      EXAMPLES
        berth app test ./my-app
        berth app test ./my-app --level 5         exits with 1 below level 5
        berth app test ./my-app --previous ./my-app-1.0/my-app
        berth app test redis --report ./levels    writes redis.json and redis.svg
      """)

  @Argument(help: "A plugin's folder, its plugin.yaml, or the name of an app.", completion: .file())
  var path: String

  @Option(help: ArgumentHelp("Go up to this level, and exit with 1 below it.", valueName: "1…8"))
  var level: Int?

  @Option(
    help: ArgumentHelp("The former version of the plugin, for level 6.", valueName: "dir"), completion: .directory)
  var previous: String?

  @Option(
    help: ArgumentHelp("Write APP.json and a badge, APP.svg, into this folder.", valueName: "dir"),
    completion: .directory)
  var report: String?

  @Flag(help: "Leave the sandbox, to look at it.")
  var keep = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if let level, ProofLevel(rawValue: level) == nil { throw ValidationError("--level takes 1 to 8") }
    if options.root != nil {
      throw ValidationError("the test makes a sandbox of its own, so that --root means nothing")
    }
  }

  func run() async throws {
    // Where it looks for plugins is nothing that the test works in.
    let berth = try options.open(need: .plugins) { $0.notice = { _ in } }
    let former = try previous.map { try berth.check($0).plugin }
    let proof = Proof(
      try berth.check(path), at: [path] + options.pluginFolders.flatMap { ["--plugins", $0] },
      aim: level.flatMap(ProofLevel.init(rawValue:)) ?? .contained, previous: former,
      on: options.scope == .system || options.scope == .user ? Scope(rawValue: options.scope.rawValue) : nil,
      keeps: keep)
    let output = ProofOutput(style: options.progress)
    // Whatever ends it, what it has made goes.
    try Signals.begin()
    let report = try await proof.run(output.show)
    if let folder = self.report { try report.write(into: folder) }
    if options.json { try Output.json(report) } else { ProofOutput.print(report) }
    if let level, report.level?.rawValue ?? 0 < level { throw ExitCode(1) }
  }
}

/// How a test goes, for people and programs.
private struct ProofOutput: Sendable {
  let style: GlobalOptions.ProgressStyle

  /// Each check as it ends, on stderr.
  func show(_ done: ProofCheck) {
    switch style {
    case .none: break
    case .json: if let line = Output.compact(done) { Output.error(line) }
    case .auto:
      let reason = done.reason.map { "\n             \($0)" } ?? ""
      Output.error(
        "  \(done.level.rawValue)  \(Self.word(done.outcome))  \(done.title) (\(ByteCount.seconds(done.seconds)))\(reason)"
      )
    }
  }

  private static func word(_ outcome: ProofCheck.Outcome) -> String {
    switch outcome {
    case .passed: Style.stderr.green("passed ")
    case .failed: Style.stderr.red("FAILED ")
    case .skipped: Style.stderr.yellow("skipped")
    }
  }

  static func print(_ report: ProofReport) {
    let level = report.level?.rawValue ?? 0
    Output.line("\(report.app): level \(level) of 8\(report.level.map { " – \($0.promise)" } ?? "")")
    if let sandbox = report.sandbox {
      Output.notice("the sandbox is left in \(sandbox), which --root or BERTH_ROOT names")
    }
    guard let failure = report.failure else { return }
    Output.notice("level \(failure.level.rawValue) is not reached: \(failure.title): \(failure.reason ?? "")")
  }
}
