import BerthKit

extension Berth {
  /// What Steam says of the builds of an app, by branch.
  func builds(of app: Int) async throws -> [String: Int] {
    try host.sources.steam.require()
    options.notice("asking Steam for the builds of the app \(app)")
    let (folder, name) = (Self.questions, "\(app)")
    let lock = try await host.locks.take(
      paths.makingLock(folder, name), purpose: "asking Steam for builds", wait: max(options.wait, Self.longestQuestion))
    defer { host.clearMaking(folder, name, lock) }
    let home = paths.making(folder, name)
    try host.beginMaking(home, mode: 0o700)
    return try await host.sources.steam.builds(of: app, home: home)
  }

  /// Seconds that another Berth may be at it.
  private static let longestQuestion = 1200
  /// Where SteamCMD is asked; no app of Berth's can be called that.
  private static let questions = ".steam"
}
