import Glibc

/// The locales that libarchive's handling of names goes by, for one thread at a time.
enum ThreadLocale {
  /// Names are UTF-8; nil where the host has no such locale.
  static func utf8() -> locale_t? { newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) }
  /// Names are bytes.
  static func bytes() -> locale_t? { newlocale(LC_CTYPE_MASK, "C", nil) }

  static func with<Result>(_ locale: locale_t?, _ body: () throws -> Result) rethrows -> Result {
    guard let locale else { return try body() }
    let before = uselocale(locale)
    defer { uselocale(before) }
    return try body()
  }
}
