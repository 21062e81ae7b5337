/// What a placeholder may do to the value that it stands for; a closed set.
public enum TemplateFilter: String, Sendable, Hashable, CaseIterable {
  /// Every other character than ASCII letters and digits becomes `_`, so that the value is a part of a name.
  case ident
  /// A size as a whole number of bytes, or of 1024, 1024² or 1024³ of them: rounded down, and 1 at least, since 0 is "no
  /// limit" to many programs.
  case bytes, kib, mib, gib

  /// How many bytes one of its units has; nil for a filter that takes any value.
  public var unit: Int? {
    switch self {
    case .ident: nil
    case .bytes: 1
    case .kib: 1 << 10
    case .mib: 1 << 20
    case .gib: 1 << 30
    }
  }

  /// The value as it is put in. What is no size stays as it is.
  public func apply(to value: Value) -> Value {
    guard let unit else {
      return .text(
        value.plain.unicodeScalars.map { scalar in
          scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            ? String(scalar) : "_"
        }.joined())
    }
    guard let bytes = ByteSize.bytes(of: value.plain) else { return value }
    return .integer(max(1, bytes / unit))
  }
}
