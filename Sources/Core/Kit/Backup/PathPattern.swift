/// A path with wildcards, matched by bytes: `*` and `?` within a name, `**` for any number of folders.
public struct PathPattern: Sendable, Hashable {
  public let text: String

  public init(_ text: String) { self.text = text }
}
