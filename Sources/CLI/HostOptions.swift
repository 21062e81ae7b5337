import BerthEngine
import BerthExecution
import BerthKit
import BerthPlugins
import Foundation

/// Which scope a command works in, and how, whoever has read the words.
struct HostOptions: Sendable {
  var scope = GlobalOptions.ScopeChoice.auto
  /// The sandbox's folder.
  var root: String?
  var pluginFolders: [String] = []
  /// Seconds to wait for another Berth.
  var wait = 10
  var progress = GlobalOptions.ProgressStyle.auto
  var isVerbose = false
  /// Whether a start is waited for until all is ready.
  var awaitsStart = true
  /// Whether the manager starts services only once this command is over.
  var isBooting = false

  /// What cannot be, in words for the person who typed it; nil when all is well.
  var problem: String? {
    guard (0...86400).contains(wait) else { return "--wait takes 0 to 86400 seconds" }
    if root == "" { return "--root takes a folder" }
    return root != nil && scope != .auto && scope != .sandbox ? "--root goes with the sandbox scope only" : nil
  }

  /// Opens the scope.
  ///
  /// - Parameter choose: says what a command alone takes.
  func open(
    _ carrying: PlanOptions? = nil, need: Berth.Need = .instances, choose: (inout Berth.Options) -> Void = { _ in }
  ) throws -> Berth {
    let reporter = ProgressReporter(style: progress, isVerbose: isVerbose)
    let variable = ProcessInfo.processInfo.environment["BERTH_ROOT"].flatMap { $0.isEmpty ? nil : $0 }
    let named = root ?? (scope == .auto || scope == .sandbox ? variable : nil)
    let folders = ProcessInfo.processInfo.environment["BERTH_PLUGINS"]?.split(separator: ":").map(String.init) ?? []
    var options = Berth.Options(
      scope: ScopeRequest(scope: Scope(rawValue: scope.rawValue), root: named), pluginFolders: pluginFolders + folders,
      wait: wait,
      execution: Executor.Options(
        keepsGoing: carrying?.keepGoing ?? false, atOnce: carrying?.atOnce ?? PlanOptions.defaultAtOnce,
        awaitsStart: awaitsStart, progress: reporter.report),
      command: CommandText.typed, notice: reporter.notice,
      faults: FaultPoints(ProcessInfo.processInfo.environment["BERTH_FAULT"]))
    options.execution.isBooting = isBooting
    options.need = need
    choose(&options)
    Signals.plan()
    options.begins = Signals.begin
    options.recovers = true
    return try Berth.open(options, builtIn: StandardPlugins.all)
  }
}

extension HostOptions {
  /// From the words that a manage script takes for Berth itself. The parser of all other commands is left out, since to make
  /// it takes longer than most of the answers.
  ///
  /// - Parameters:
  ///   - words: options, each with its value behind it where it has one.
  ///   - app: for errors.
  /// - Throws: `bad-manage-word` for a value that is none.
  init(_ words: [String], app: String) throws {
    self.init()
    var rest = words[...]
    while let word = rest.popFirst() {
      func value<Choice>(_ read: (String) -> Choice?) throws -> Choice {
        let text = rest.popFirst() ?? ""
        guard let value = read(text) else {
          throw BerthError.badManageWord("'\(word)' does not take '\(text)'", app: app)
        }
        return value
      }
      switch GlobalFlag(word) {
      case .scope: scope = try value(GlobalOptions.ScopeChoice.init(rawValue:))
      case .root: root = try value { $0 }
      case .plugins: pluginFolders.append(try value { $0 })
      case .wait: wait = try value { Int($0) }
      case .progress: progress = try value(GlobalOptions.ProgressStyle.init(rawValue:))
      case .verbose: isVerbose = true
      // A panel is answered in JSON anyway, and asked nothing.
      case .json, .yes, nil: break
      }
    }
    if let problem { throw BerthError.badManageWord(problem, app: app) }
  }
}
