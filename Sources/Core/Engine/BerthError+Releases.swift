import BerthKit

extension BerthError {
  /// A setting makes no address or checksum of a download.
  static func badDownload(_ text: String, _ problem: String, at key: String) -> BerthError {
    BerthError("bad-download", .badInput, "'\(text)' \(problem)", at: key, remedy: "berth app show APP")
  }

  static func wrongChecksum(_ url: String, wanted: String, found: String) -> BerthError {
    BerthError(
      "wrong-checksum", .badInput, "'\(url)' has the SHA-256 \(found), and \(wanted) is wanted", at: url,
      remedy: "compare it with what the maker says; a setting of the app may name another one",
      cause: "either it was changed on its way, or the maker has put another file in its place")
  }
}
