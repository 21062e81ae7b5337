import ArgumentParser
import BerthEngine
import BerthKit

struct InstanceInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Install an instance of an app and wait until it is ready.",
    discussion: """
      Without --instance-id the instance is 'default' if that is free, else it gets a new UUID; the id is printed.
      A default port that is taken moves to the next free one; a port that you ask for and is taken is an error.

      EXAMPLES
        berth install teeworlds
        berth install teeworlds --instance-name Arena --port 8310 --set max-clients=16
        berth install luanti --dir /srv/luanti --label site=north --no-start
        berth install mumble --dry-run --json
      """)

  @Argument(help: "The app.")
  var app: String

  @Option(help: ArgumentHelp("'default' or a UUID.", valueName: "uuid"))
  var instanceId: String?

  @Option(help: ArgumentHelp("A name for it, unique among the app's instances.", valueName: "name"))
  var instanceName: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("A setting; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("port"), parsing: .singleValue,
    help: ArgumentHelp("A port, by role or for the first role; may be repeated.", valueName: "role=n"))
  var ports: [String] = []

  @Option(help: ArgumentHelp("Keep config, data and cache here.", valueName: "path"))
  var dir: String?

  @Option(
    name: .customLong("label"), parsing: .singleValue,
    help: ArgumentHelp("A label; may be repeated.", valueName: "key=value"))
  var labels: [String] = []

  @Flag(help: "Neither start it nor enable it.")
  var noStart = false

  @Flag(help: "Print what would be done, and do nothing.")
  var dryRun = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open()
    var request = try makeRequest()
    if Output.isInteractive, !options.json { try askMissing(&request, berth) }
    if dryRun { return try PlanOutput.print(try await berth.planInstall(request), json: options.json) }
    let report = try await berth.install(request)
    if options.json { return try Output.json(report) }
    Output.line("\(report.record.title) is \(report.status.rawValue); its id is \(report.record.key.id)")
    for line in InstanceTable.lines([report]) { Output.line(line) }
  }

  private func makeRequest() throws -> InstallRequest {
    InstallRequest(
      app: app, id: instanceId, name: instanceName, settings: try Pairs.parse(settings, option: "--set"),
      ports: try Pairs.parsePorts(ports), directory: dir, labels: try Pairs.parse(labels, option: "--label"),
      isStarted: !noStart)
  }

  private func askMissing(_ request: inout InstallRequest, _ berth: Berth) throws {
    for setting in try berth.missingSettings(request) {
      Output.notice(setting.help.map { "\(setting.id): \($0)" } ?? setting.id)
      while request.settings[setting.id] == nil {
        guard let answer = Output.ask("\(setting.id)?", isHidden: setting.isSecret) else { return }
        do {
          _ = try setting.parse(answer)
          request.settings[setting.id] = answer
        } catch let error as BerthError { Output.notice(error.summary) }
      }
    }
  }
}

/// `key=value` words of the command line.
enum Pairs {
  /// - Throws: `usage` when a word has no `=`, or a key stands twice.
  static func parse(_ words: [String], option: String) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw BerthError(
          "usage", .usage, "'\(option) \(word)' has no '=': it takes key=value", remedy: "\(option) key=value")
      }
      let key = String(word[..<equals])
      guard pairs.updateValue(String(word[word.index(after: equals)...]), forKey: key) == nil else {
        throw BerthError("usage", .usage, "'\(option) \(key)' is given twice", remedy: "give it once")
      }
    }
    return pairs
  }

  /// `role=N`, or `N` alone for the app's first role, which is the empty key.
  static func parsePorts(_ words: [String]) throws -> [String: Int] {
    let pairs = try parse(words.map { $0.contains("=") ? $0 : "-=\($0)" }, option: "--port")
    return Dictionary(
      uniqueKeysWithValues: try pairs.map { role, text in
        guard let number = Int(text), (1...65535).contains(number) else {
          throw BerthError(
            "bad-port", .usage, "'\(text)' is not a port: it is a number from 1 to 65535", remedy: "--port role=N")
        }
        return (role == "-" ? "" : role, number)
      })
  }
}
