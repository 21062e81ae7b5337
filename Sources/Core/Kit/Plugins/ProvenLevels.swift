import Foundation

/// Which level of `berth app test` the plugins of a folder were shown to have, as `levels.json` beside them says.
public struct ProvenLevels: Sendable {
  private struct Proven: Codable {
    let level: Int
    /// Of the plugin that was tried.
    let version: String
  }

  private let proven: [String: Proven]

  /// - Parameter text: of a `levels.json`. What cannot be read says nothing.
  public init(_ text: String) {
    proven = (try? JSONDecoder().decode([String: Proven].self, from: Data(text.utf8))) ?? [:]
  }

  /// The level of a plugin; nil where this version of it was not tried.
  public func level(of manifest: Manifest) -> Int? {
    guard let own = proven[manifest.id], own.version == manifest.version, (1...8).contains(own.level) else {
      return nil
    }
    return own.level
  }
}
