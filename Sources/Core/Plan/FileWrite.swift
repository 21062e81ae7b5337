import BerthKit

/// A file to be written.
public struct FileWrite: Sendable, Hashable {
  public let path: String
  public let text: String
  public let mode: UInt16
  public let owner: FileOwner?
  /// A folder above it whose inside another user owns; below it no link is followed.
  public let anchor: String?
  /// Whether the text is never shown.
  public let isSecret: Bool
  /// The instance for which a checksum is kept, since a person may edit the file; nil for Berth's own files.
  public let checkedFor: String?
  /// Where the former folder is set aside when it lies in one that gives way to a backup's. What came from there is not
  /// kept beside as a person's own, and is not written anew once the former folder is back.
  public let aside: String?
  /// What is set in it, where the app writes it too: what it has written by then is kept. Nil where the text is all of it.
  public let edits: ConfigEdits?

  package init(
    path: String, text: String, mode: UInt16, owner: FileOwner? = nil, anchor: String? = nil, isSecret: Bool = false,
    checkedFor: String? = nil, aside: String? = nil, edits: ConfigEdits? = nil
  ) {
    self.path = path
    self.text = text
    self.mode = mode
    self.owner = owner
    self.anchor = anchor
    self.isSecret = isSecret
    self.checkedFor = checkedFor
    self.aside = aside
    self.edits = edits
  }

  /// The same file with another text.
  package func with(text: String) -> FileWrite {
    FileWrite(
      path: path, text: text, mode: mode, owner: owner, anchor: anchor, isSecret: isSecret, checkedFor: checkedFor,
      aside: aside, edits: edits)
  }

  /// The same file in a folder that gives way to a backup's.
  package func with(aside: String?) -> FileWrite {
    FileWrite(
      path: path, text: text, mode: mode, owner: owner, anchor: anchor, isSecret: isSecret, checkedFor: checkedFor,
      aside: aside, edits: edits)
  }
}

extension FileWrite: Codable {
  private enum CodingKeys: String, CodingKey {
    case path, text, mode, owner, anchor, isSecret, checkedFor, aside, edits
  }

  /// The text of a secret file stays out of whatever this is encoded for, but for the journal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(isSecret && !encoder.includesSecrets ? nil : text, forKey: .text)
    try container.encode(mode, forKey: .mode)
    try container.encodeIfPresent(owner, forKey: .owner)
    try container.encodeIfPresent(anchor, forKey: .anchor)
    try container.encode(isSecret, forKey: .isSecret)
    try container.encodeIfPresent(checkedFor, forKey: .checkedFor)
    try container.encodeIfPresent(aside, forKey: .aside)
    if !isSecret || encoder.includesSecrets { try container.encodeIfPresent(edits, forKey: .edits) }
  }

  /// A secret text comes back from the journal only.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    isSecret = try container.decode(Bool.self, forKey: .isSecret)
    path = try container.decode(String.self, forKey: .path)
    guard let text = try container.decode(String?.self, forKey: .text) else {
      throw DecodingError.valueNotFound(
        String.self, .init(codingPath: decoder.codingPath, debugDescription: "the text of \(path) is secret"))
    }
    self.text = text
    mode = try container.decode(UInt16.self, forKey: .mode)
    owner = try container.decodeIfPresent(FileOwner.self, forKey: .owner)
    anchor = try container.decodeIfPresent(String.self, forKey: .anchor)
    checkedFor = try container.decodeIfPresent(String.self, forKey: .checkedFor)
    aside = try container.decodeIfPresent(String.self, forKey: .aside)
    edits = try container.decodeIfPresent(ConfigEdits.self, forKey: .edits)
  }
}

/// What a config file shall say once its program has started again.
public struct ConfigCheck: Sendable, Hashable {
  public let path: String
  /// The keys that got another value.
  public let edits: ConfigEdits
  /// Whether the plugin says that the app writes the file too.
  public let isWrittenByApp: Bool
  /// Whether the values are never shown.
  public let isSecret: Bool

  package init(path: String, edits: ConfigEdits, isWrittenByApp: Bool, isSecret: Bool) {
    self.path = path
    self.edits = edits
    self.isWrittenByApp = isWrittenByApp
    self.isSecret = isSecret
  }
}

extension ConfigCheck: Codable {
  private enum CodingKeys: String, CodingKey { case path, edits, isWrittenByApp, isSecret }

  /// The values of a secret file stay out of whatever this is encoded for, but for the journal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var shown = edits
    if isSecret, !encoder.includesSecrets { shown.assignments = [] }
    try container.encode(path, forKey: .path)
    try container.encode(shown, forKey: .edits)
    try container.encode(isWrittenByApp, forKey: .isWrittenByApp)
    try container.encode(isSecret, forKey: .isSecret)
  }
}
