import BerthKit

extension BerthError {
  /// A setting makes no address or checksum of a download.
  static func badDownload(_ text: String, _ problem: String, at key: String) -> BerthError {
    BerthError(
      "bad-download", .badInput, "'\(text)' \(problem)", at: key,
      remedy: "choose another value for the setting in it, or mend the plugin")
  }

  static func noSteamBranch(_ branch: String, of app: Int, known: [String]) -> BerthError {
    let near = nearest(to: branch, in: known).map { "; did you mean '\($0)'?" } ?? ""
    return BerthError(
      "no-steam-branch", .badInput, "the app \(app) of Steam's has no branch '\(branch)'\(near)",
      at: "install.steamcmd.branch",
      remedy: "steamcmd +login anonymous +app_info_update 1 +app_info_print \(app) +quit",
      cause: "its branches are \(known.prefix(20).joined(separator: ", "))")
  }

  /// Steam hands out the newest build of a branch, and no other.
  static func steamMoved(_ wanted: SteamBuild, found: Int, app: String) -> BerthError {
    BerthError(
      "steam-moved", .busy,
      "Steam hands out the build \(found) of the app \(wanted.title) by now, and no longer \(wanted.build)",
      remedy: .berth("update", app))
  }

  static func wrongChecksum(_ url: String, wanted: String, found: String) -> BerthError {
    BerthError(
      "wrong-checksum", .badInput, "'\(url)' has the SHA-256 \(found), and \(wanted) is wanted", at: url,
      remedy: "compare it with what the maker says; a setting of the app may name another one",
      cause: "either it was changed on its way, or the maker has put another file in its place")
  }
}
