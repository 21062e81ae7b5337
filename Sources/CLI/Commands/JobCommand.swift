import ArgumentParser
import BerthEngine
import BerthKit

struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "The jobs of instances.", subcommands: [JobRunCommand.self])
}

struct JobRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job now, and wait for its end.",
    discussion: """
      A job with a calendar runs beside the service, as its timer has it run. For any other one the service is stopped and starts \
      again. 'berth app show APP --json' lists the jobs of an app.

      EXAMPLES
        berth job run postgres vacuum --instance North
        berth job run redis rewrite-log --all --keep-going
      """)

  @Argument(help: "The app.")
  var app: String

  @Argument(help: "The job.")
  var job: String

  @Option(name: .long, help: ArgumentHelp("Its id, name, or 8 or more characters of its id.", valueName: "id"))
  var instance: String?

  @Flag(help: "Every instance of the app.")
  var all = false

  @OptionGroup var carrying: PlanOptions
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if all, instance != nil { throw ValidationError("--instance excludes --all") }
  }

  func run() async throws {
    let berth = try options.open(carrying)
    let records = all ? try berth.select(app: app, labels: [:]) : [try berth.find(instance, app: app)]
    if carrying.dryRun {
      return try PlanOutput.print(try await berth.planJob(job, records), isMany: all, json: options.json)
    }
    try await berth.run(job: job, of: records).print(as: "job run", isMany: all, json: options.json)
  }
}
