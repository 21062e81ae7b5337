import BerthKit
import Glibc

/// Servers of Steam's by SteamCMD, as everybody: whoever has to own a game to get its server does not get it here.
public struct SteamCMD: SteamServers {
  /// Where Debian's package and Valve's own instructions put it.
  public static let usualPlaces = ["/usr/games/steamcmd", "/usr/bin/steamcmd", "/opt/steamcmd/steamcmd.sh"]

  private let runner: any ProcessRunner
  private let files: any FileTree
  private let places: [String]

  public init(runner: any ProcessRunner, files: any FileTree, places: [String] = Self.usualPlaces) {
    self.runner = runner
    self.files = files
    self.places = places
  }

  public func require() throws { _ = try program() }

  private func program() throws -> String {
    guard let program = places.first(where: files.isExecutable) else { throw BerthError.noSteamCMD() }
    return program
  }

  public func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws {
    let program = try program()
    let update = ["+app_update", "\(app)"] + (branch.map { ["-beta", $0] } ?? []) + ["validate", "+quit"]
    let command = Command(
      program, ["+force_install_dir", folder, "+login", "anonymous"] + update, environment: ["HOME": home])
    var said = ""
    // The first run of a fresh SteamCMD brings itself up to date and may then know nothing of the app yet.
    for _ in 1...2 {
      let result = try await runner.run(command)
      // Its status says little: what it has written down of the app does.
      if try isWhole(app, folder) { return }
      said = result.output + result.errorOutput
    }
    throw BerthError.steamFailed(app, said)
  }

  /// Whether the app's record says that it is fully installed, which is 4.
  private func isWhole(_ app: Int, _ folder: String) throws -> Bool {
    let record = "\(folder)/steamapps/appmanifest_\(app).acf"
    guard files.exists(record) else { return false }
    let flags = try files.read(record).split(separator: "\n").first { $0.contains("\"StateFlags\"") }
    return flags?.split(separator: "\"").last { !$0.allSatisfy(\.isWhitespace) } == "4"
  }
}
