import ArgumentParser
import BerthEngine
import BerthKit
import BerthPlugins
import Foundation

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  enum ScopeChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, system, user, sandbox
  }

  enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    case auto, json, none
  }

  @Option(help: "Whose service manager to use: auto, system, user or sandbox.")
  var scope: ScopeChoice = .auto

  @Option(help: ArgumentHelp("Keep everything in this folder, with a service manager of its own.", valueName: "dir"))
  var root: String?

  @Option(
    name: .customLong("plugins"), help: ArgumentHelp("Look for plugins here too; may be repeated.", valueName: "dir"))
  var pluginFolders: [String] = []

  @Flag(help: "Print JSON on stdout, and errors as JSON on stderr.")
  var json = false

  @Flag(name: [.customShort("y"), .long], help: "Answer every question with yes.")
  var yes = false

  @Option(help: ArgumentHelp("Wait this long for another Berth.", valueName: "seconds"))
  var wait = 10

  @Option(help: "How to show progress on stderr: auto, json or none.")
  var progress: ProgressStyle = .auto

  @Flag(name: .shortAndLong, help: "Say every step.")
  var verbose = false

  func validate() throws {
    guard (0...86400).contains(wait) else { throw ValidationError("--wait takes 0 to 86400 seconds") }
    if root != nil, scope != .auto, scope != .sandbox {
      throw ValidationError("--root goes with the sandbox scope only")
    }
  }

  /// Opens the scope.
  func open() throws -> Berth {
    let reporter = ProgressReporter(style: progress, isVerbose: verbose)
    let named = root ?? (scope == .auto || scope == .sandbox ? ProcessInfo.processInfo.environment["BERTH_ROOT"] : nil)
    return try Berth.open(
      Berth.Options(
        scope: ScopeRequest(scope: Scope(rawValue: scope.rawValue), root: named), pluginFolders: pluginFolders,
        wait: wait, progress: reporter.step, notice: reporter.notice),
      builtIn: StandardPlugins.all)
  }
}

/// Which instance of which app.
struct InstanceOptions: ParsableArguments {
  @Argument(help: "The app.")
  var app: String

  @Option(name: .long, help: ArgumentHelp("Its id, name, or 8 or more characters of its id.", valueName: "id"))
  var instance: String?
}

/// One instance, or all of an app.
struct InstancesOptions: ParsableArguments {
  @OptionGroup var one: InstanceOptions

  @Flag(help: "Every instance of the app.")
  var all = false

  func validate() throws {
    if all, one.instance != nil { throw ValidationError("--all and --instance exclude each other") }
  }

  func records(_ berth: Berth) throws -> [InstanceRecord] {
    all ? try berth.all(app: one.app) : [try berth.find(one.instance, app: one.app)]
  }
}
