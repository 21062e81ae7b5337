import Foundation

/// What stays known of the plugin that an instance was last made or changed with.
///
/// A plugin's folder holds its newest version alone. Until its next change, an instance runs what the former version
/// declared: its jobs, and above all its backup sets.
extension Manifest {
  /// The part of it that is needed later, as JSON: always the same text for the same manifest.
  public var rememberedText: String {
    get throws {
      var kept = self
      (kept.install, kept.config, kept.routes, kept.query) = ([], [], [], nil)
      kept.compose?.text = ""
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(kept), as: UTF8.self) + "\n"
    }
  }

  /// What a text of ``rememberedText`` says; nil for one of another app, or of a newer Berth.
  public func remembering(_ text: String) -> Manifest? {
    guard let former = try? JSONDecoder().decode(Manifest.self, from: Data(text.utf8)), former.id == id else {
      return nil
    }
    return former
  }
}
