import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlan

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  enum ScopeChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, system, user, sandbox
  }

  enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    case auto, json, none
  }

  @Option(name: GlobalFlag.scope.names, help: "Whose service manager to use: auto, system, user or sandbox.")
  var scope: ScopeChoice = .auto

  @Option(
    name: GlobalFlag.root.names,
    help: ArgumentHelp("Keep everything in this folder, with a service manager of its own.", valueName: "dir"),
    completion: .directory)
  var root: String?

  @Option(
    name: GlobalFlag.plugins.names, help: ArgumentHelp("Look for plugins here too; may be repeated.", valueName: "dir"),
    completion: .directory)
  var pluginFolders: [String] = []

  @Flag(name: GlobalFlag.json.names, help: "Print JSON on stdout, and errors as JSON on stderr.")
  var json = false

  @Flag(name: GlobalFlag.yes.names, help: "Answer every question with yes.")
  var yes = false

  @Option(name: GlobalFlag.wait.names, help: ArgumentHelp("Wait this long for another Berth.", valueName: "seconds"))
  var wait = 10

  @Option(name: GlobalFlag.progress.names, help: "How to show progress on stderr: auto, json or none.")
  var progress: ProgressStyle = .auto

  @Flag(name: GlobalFlag.verbose.names, help: "Say every step.")
  var verbose = false

  /// The same without the parser's wrappers.
  private var host: HostOptions {
    HostOptions(
      scope: scope, root: root, pluginFolders: pluginFolders, wait: wait, progress: progress, isVerbose: verbose)
  }

  func validate() throws {
    if let problem = host.problem { throw ValidationError(problem) }
  }

  /// Opens the scope.
  ///
  /// - Parameters:
  ///   - need: what the command needs of it; a dry run makes nothing.
  ///   - isBooting: whether the manager starts services only once this command is over.
  ///   - choose: says what a command alone takes.
  func open(
    _ carrying: PlanOptions? = nil, need: Berth.Need = .instances, isBooting: Bool = false,
    choose: (inout Berth.Options) -> Void = { _ in }
  ) throws -> Berth {
    var host = host
    host.isBooting = isBooting
    return try host.open(
      carrying, need: need == .making && carrying?.dryRun == true ? .plugins : need, choose: choose)
  }
}

extension GlobalOptions {
  /// The scope for making instances in it: a new one is made only now, when it is known that something will be done.
  ///
  /// - Parameters:
  ///   - berth: the same scope as it was opened for the plan.
  ///   - plan: what was asked for; read only where the scope is new.
  /// - Throws: what keeps the plan from being carried out.
  func making(
    _ berth: Berth, _ carrying: PlanOptions?, _ plan: Plan?, choose: (inout Berth.Options) -> Void = { _ in }
  ) throws -> Berth {
    guard berth.isNew else { return berth }
    if let plan {
      try berth.requireCarriable(plan)
      if plan.isEmpty { return berth }
    }
    return try open(carrying, need: .making, choose: choose)
  }
}

/// Which instance of which app.
struct InstanceOptions: ParsableArguments {
  @Argument(help: "The app.")
  var app: String

  @Option(name: .long, help: ArgumentHelp("Its id, name, or 8 or more characters of its id.", valueName: "id"))
  var instance: String?
}

/// One instance, or several.
struct InstancesOptions: ParsableArguments {
  @Argument(help: "The app; with --all or --label it may be left out.")
  var app: String?

  @Option(name: .long, help: ArgumentHelp("Its id, name, or 8 or more characters of its id.", valueName: "id"))
  var instance: String?

  @Flag(help: "Every instance, of the app when one is named.")
  var all = false

  @Option(
    name: .customLong("label"), parsing: .singleValue,
    help: ArgumentHelp("Every instance with this label; may be repeated.", valueName: "key=value"))
  var labels: [String] = []

  /// Whether more than one instance may be meant.
  var isMany: Bool { all || !labels.isEmpty }

  func validate() throws {
    if isMany, instance != nil { throw ValidationError("--instance excludes --all and --label") }
    if app == nil, !isMany { throw ValidationError("Missing expected argument '<app>'") }
  }

  func records(_ berth: Berth) throws -> [InstanceRecord] {
    guard let app, !isMany else {
      return try berth.select(app: app, labels: try Pairs.parse(labels, option: "--label"))
    }
    return [try berth.find(instance, app: app)]
  }
}

/// One part of an instance.
struct ServiceOption: ParsableArguments {
  @Option(help: ArgumentHelp("Only this service of it.", valueName: "name"))
  var service: String?
}

/// How a plan is carried out, or whether.
struct PlanOptions: ParsableArguments {
  static let defaultAtOnce = 250

  @Flag(help: "Print what would be done, and do nothing.")
  var dryRun = false

  @Flag(help: "Go on with the others when an instance fails; it alone is taken back.")
  var keepGoing = false

  @Option(help: ArgumentHelp("Start, stop or restart at most so many at once.", valueName: "count"))
  var atOnce = PlanOptions.defaultAtOnce

  func validate() throws {
    guard (1...10000).contains(atOnce) else { throw ValidationError("--at-once takes 1 to 10000") }
  }
}

/// What a command may let go of.
struct DropOptions: ParsableArguments {
  @Flag(help: "Let values of settings go that the plugin has no place for any more.")
  var drop = false

  func choose(_ options: inout Berth.Options) { options.drops = drop }
}

extension GlobalOptions {
  /// Asks before something is lost.
  ///
  /// - Parameter deed: such as `remove luanti/PvP`.
  /// - Throws: `not-confirmed` where nobody can be asked, or the exit status 1 for a no.
  func confirm(_ deed: String) throws {
    guard !yes else { return }
    guard Output.isInteractive else {
      throw BerthError("not-confirmed", .usage, "to \(deed) has to be confirmed", remedy: .again("--yes"))
    }
    let answer = Output.ask("\(deed.prefix(1).uppercased())\(deed.dropFirst())? [y/N]")
    guard ["y", "yes"].contains(answer?.lowercased()) else { throw ExitCode(1) }
  }
}
