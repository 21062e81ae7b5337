import BerthKit
import Glibc

/// Servers of Steam's by SteamCMD, as everybody: whoever has to own a game to get its server does not get it here.
public struct SteamCMD: SteamServers {
  /// Where Debian's package and Valve's own instructions put it.
  public static let usualPlaces = ["/usr/games/steamcmd", "/usr/bin/steamcmd", "/opt/steamcmd/steamcmd.sh"]

  private let runner: any ProcessRunner
  private let files: any FileTree
  private let places: [String]
  private let patience: Duration

  /// - Parameter patience: how long an answer to a question may take; a download takes as long as it takes.
  public init(
    runner: any ProcessRunner, files: any FileTree, places: [String] = Self.usualPlaces,
    patience: Duration = .seconds(300)
  ) {
    self.runner = runner
    self.files = files
    self.places = places
    self.patience = patience
  }

  public func require() throws { _ = try program() }

  private func program() throws -> String {
    guard let program = places.first(where: files.isExecutable) else { throw BerthError.noSteamCMD() }
    return program
  }

  public func builds(of app: Int, home: String) async throws -> [String: Int] {
    let command = Command(
      try program(), ["+login", "anonymous", "+app_info_update", "1", "+app_info_print", "\(app)", "+quit"],
      environment: ["HOME": home])
    var said = ""
    // It asks Steam and prints what it knows meanwhile, which is nothing for the first time; its own update comes before.
    for _ in 1...4 {
      guard let result = try await runner.run(command, within: patience) else {
        throw BerthError.steamSilent(app, "it has not answered for \(patience.components.seconds) seconds")
      }
      if let builds = Self.builds(of: app, in: result.output) { return builds }
      said = result.output + result.errorOutput
    }
    throw BerthError.steamSilent(app, said)
  }

  /// The builds of an app's branches; nil when the text does not say.
  static func builds(of app: Int, in text: String) -> [String: Int]? {
    guard case .block(let branches)? = KeyValues.block("\(app)", in: text)?["depots"]?["branches"] else { return nil }
    let builds = branches.compactMap { branch -> (String, Int)? in
      guard SteamServer.isBranch(branch.key), let build = branch.value["buildid"]?.number, build > 0 else { return nil }
      return (branch.key, build)
    }
    return builds.isEmpty ? nil : Dictionary(builds, uniquingKeysWith: { first, _ in first })
  }

  public func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws -> Int {
    let program = try program()
    let update = ["+app_update", "\(app)"] + (branch.map { ["-beta", $0] } ?? []) + ["validate", "+quit"]
    let command = Command(
      program, ["+force_install_dir", folder, "+login", "anonymous"] + update, environment: ["HOME": home])
    var said = ""
    // The first run of a fresh SteamCMD brings itself up to date and may then know nothing of the app yet.
    for _ in 1...2 {
      let result = try await runner.run(command)
      // Its status says little: what it has written down of the app does.
      if let build = try build(of: app, in: folder) { return build }
      said = result.output + result.errorOutput
    }
    throw BerthError.steamFailed(app, said)
  }

  /// The build that is in a folder, where the app's record says that it is fully installed, which is 4.
  private func build(of app: Int, in folder: String) throws -> Int? {
    let path = "\(folder)/steamapps/appmanifest_\(app).acf"
    guard files.exists(path) else { return nil }
    let record = KeyValues.block("AppState", in: try files.read(path))
    return record?["StateFlags"]?.number == 4 ? record?["buildid"]?.number : nil
  }
}
