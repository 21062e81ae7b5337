import BerthKit

extension BerthError {
  static func noCurl() -> BerthError {
    BerthError(
      "program-missing", .unavailable, "downloads need the program 'curl', which is not installed",
      remedy: "apt-get install curl ca-certificates")
  }

  static func downloadFailed(_ url: String, _ cause: String) -> BerthError {
    BerthError(
      "download-failed", .unavailable, "'\(url)' cannot be fetched",
      remedy: .run(Command("curl", ["--location", "--head", url])), cause: said(cause))
  }

  static func downloadTooLarge(_ url: String, limit: Int64) -> BerthError {
    BerthError(
      "download-failed", .unavailable, "'\(url)' has more than \(limit) bytes",
      remedy: .run(Command("curl", ["--location", "--head", url])))
  }

  static func noSteamCMD() -> BerthError {
    BerthError(
      "no-steamcmd", .unavailable,
      "this app comes from Steam, and needs SteamCMD, which is not installed: it is in Debian's section non-free, for "
        + "which the architecture i386 has to be added first",
      remedy: "dpkg --add-architecture i386 && apt-get update && apt-get install steamcmd")
  }

  static func steamFailed(_ app: Int, _ cause: String) -> BerthError {
    BerthError(
      "steam-failed", .unavailable, "SteamCMD did not fetch the app \(app)",
      remedy: "steamcmd +login anonymous +app_info_print \(app) +quit", cause: said(cause))
  }

  static func steamSilent(_ app: Int, _ cause: String) -> BerthError {
    BerthError(
      "steam-silent", .unavailable, "SteamCMD did not say which builds Steam has of the app \(app)",
      remedy: "steamcmd +login anonymous +app_info_update 1 +app_info_print \(app) +quit", cause: said(cause))
  }

  /// The last of what a program said, as lines of text and nothing else.
  private static func said(_ text: String) -> String {
    let scalars = text.unicodeScalars.filter { $0 == "\n" || !($0.properties.generalCategory == .control) }
    var lines = String(String.UnicodeScalarView(scalars)).split(separator: "\n").suffix(8)
    while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
    return String(lines.joined(separator: "\n").suffix(2000))
  }
}

extension BerthError {
  static func repositoryFailed(_ repository: String, _ cause: String) -> BerthError {
    BerthError(
      "repository-failed", .unavailable, "'\(printable(repository))' cannot be fetched", at: repository,
      remedy: .run(Command("git", ["ls-remote", repository])), cause: cause)
  }

  static func notSigned(_ path: String, _ cause: String) -> BerthError {
    BerthError(
      "not-signed", .notAllowed, "the signature of '\(path)' was made by none of the keys that the host knows",
      at: path, remedy: "if you trust who signed it, add their key to 'keys' in host.yaml", cause: cause)
  }
}
