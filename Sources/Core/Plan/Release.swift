import BerthKit
import Foundation

/// Programs that are in no package, with everything worked in that is a setting.
///
/// Instances whose steps amount to the same share one folder, which never changes once it stands. So another version is
/// another release, and goes beside it.
public struct Release: Sendable, Hashable, Codable {
  /// One step of it.
  public enum Part: Sendable, Hashable, Codable {
    /// - Parameter place: below the release; empty for the release itself.
    case download(url: String, sha256: String, place: String, isUnpacked: Bool, strip: Int)
    case steam(SteamBuild)
    /// A folder that something of the instance's lies over, which has to be there since nothing can be made in it later.
    case folder(place: String)
    /// A file likewise, unless the maker ships one there.
    case file(place: String)
  }

  public let app: String
  public let parts: [Part]
  /// The name of its folder: 32 hexadecimal digits that tell the parts.
  public let name: String

  package init(app: String, parts: [Part]) {
    self.app = app
    self.parts = parts
    name = String(
      Checksum.text(parts.map(\.words).map { $0.joined(separator: "\t") }.joined(separator: "\n")).prefix(32))
  }

  /// The builds of Steam's that it is made of.
  package var builds: [SteamBuild] { parts.compactMap { if case .steam(let build) = $0 { build } else { nil } } }

  /// What it is made of, for people.
  package var summary: String {
    parts.compactMap { part in
      switch part {
      case .folder, .file: nil
      case .download(let url, _, _, let isUnpacked, _): "\(isUnpacked ? "download and unpack" : "download") \(url)"
      case .steam(let build): "fetch the build \(build.build) of the app \(build.title) from Steam"
      }
    }.joined(separator: ", ")
  }
}

extension Release.Part {
  /// What tells it from others. None of the words holds a tab or a newline.
  package var words: [String] {
    switch self {
    case .download(let url, let sha256, let place, let isUnpacked, let strip):
      ["download", url, sha256, place, isUnpacked ? "unpacked" : "as it is", "\(strip)"]
    case .steam(let build): ["steam", "\(build.app)", build.branch ?? "", "\(build.build)"]
    case .folder(let place): ["folder", place]
    case .file(let place): ["file", place]
    }
  }
}
