import ArgumentParser
import BerthEngine
import BerthKit
import Foundation

struct InstanceManage: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manage", abstract: "Speak as the manage scripts that game panels drive.",
    discussion: """
      What 'manage.py' takes as flags (--get-services, --service S --start) or as subcommands (get-services, start --service S) \
      is understood behind the app's name, and answered in the JSON that panels read. 'berth manage APP --help' lists what \
      the app can do. With --all it speaks for all instances of the app, and --service says which one is meant.

      EXAMPLES
        berth manage teeworlds --get-services
        berth manage teeworlds --instance PvP --service main --restart
        berth manage teeworlds --instance PvP --set-config max-clients 12
        berth manage teeworlds --all get-metrics
        berth manage teeworlds install --instance-name=Den --port=8310 --non-interactive
      """)

  @Argument(help: "The app.")
  var app: String

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("What the manage script is told.", valueName: "word"))
  var words: [String] = []

  func run() async throws {
    if let words = ManageInstall.words(in: words, app: app) {
      return try await install(try ManageInstall(words, app: app))
    }
    let order = try ManageOrder(words, app: app)
    // A panel waits half a minute at most: what has begun by then comes to its end by itself.
    if order.verb?.goesOn == true, !Self.isDetached, !Self.isWatched { return try await detached(order) }
    var options = try options(order.global, patience: order.patience)
    // These change what is recorded, and what becomes of a start is seen later.
    options.awaitsStart = ![.setConfig, .createService, .removeService].contains(order.verb)
    let berth = try options.open(need: order.verb == .createService ? .plugins : .instances)
    let manifest = try berth.plugin(app).manifest
    guard let verb = try order.verb(of: manifest) else {
      guard !order.isBare || !ManageMenu.isPossible else {
        return try await ManageMenu(app: app, words: words).run(manifest)
      }
      return Output.line(ManageOrder.help(manifest, version: BerthRelease.current, isForAll: order.isForAll))
    }
    if verb == .createService { return try await create(order.service, berth, options) }
    try await carryOut(verb, order, try berth.managed(order, app: app), berth)
  }

  /// How the scope is opened for a panel, which has more patience than a person and less than a timer.
  func options(_ global: [String], patience: Int = 25) throws -> HostOptions {
    var options = try HostOptions(global, app: app)
    // An operation has begun, or cannot, before the answer.
    if !global.contains("--wait") { options.wait = Self.isDetached ? min(15, max(0, patience - 5)) : 25 }
    return options
  }

  /// The variable that a process has which carries a change out.
  private static let detachment = "BERTH_DETACHED"
  private static var isDetached: Bool { ProcessInfo.processInfo.environment[detachment] != nil }

  /// Whether a person waits at a terminal, who sees how far it is and may end it.
  private static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// Lets another process carry a change out, and answers in its place: as soon as it is done, or before the panel
  /// would give up.
  private func detached(_ order: ManageOrder) async throws {
    let result = try await OwnProgram.runDetached(
      ["manage", app] + words, environment: [Self.detachment: "1"], seconds: order.patience)
    guard let result else {
      let list = Remedy.berth("operations", "list").whole
      return Output.notice("it goes on in the background, and is not over yet; this shows what becomes of it: \(list)")
    }
    // Both end with a line's end already.
    if !result.errorOutput.isEmpty { Output.notice(String(result.errorOutput.dropLast())) }
    if !result.output.isEmpty { Output.line(String(result.output.dropLast())) }
    if result.status != 0 { throw ExitCode(result.status) }
  }
}
