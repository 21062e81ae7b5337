/// A file as it will be written: where, what, and who may read it.
public struct RenderedFile: Sendable, Equatable {
  public let path: String
  public let text: String
  /// Whether a secret is in it.
  public let isSecret: Bool

  public init(path: String, text: String, isSecret: Bool = false) {
    self.path = path
    self.text = text
    self.isSecret = isSecret
  }
}
