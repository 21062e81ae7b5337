import BerthKit

/// A file as it will be written: where, what, and who may read it.
public struct RenderedFile: Sendable, Equatable {
  public let path: String
  public let text: String
  /// Whether a secret is in it.
  public let isSecret: Bool
  /// The service whose file it is, which has to be restarted when it changes; nil for all services.
  public let service: String?
  /// What Berth sets in it; nil where the text is all of it.
  public let edits: ConfigEdits?
  /// Whether the app writes it too, as it runs or ends.
  public let isWrittenByApp: Bool
  /// Whether the text that was there is not what its format says, so that nothing of it is kept.
  public let replacesBroken: Bool

  public init(
    path: String, text: String, isSecret: Bool = false, service: String? = nil, edits: ConfigEdits? = nil,
    isWrittenByApp: Bool = false, replacesBroken: Bool = false
  ) {
    self.path = path
    self.text = text
    self.isSecret = isSecret
    self.service = service
    self.edits = edits
    self.isWrittenByApp = isWrittenByApp
    self.replacesBroken = replacesBroken
  }
}
