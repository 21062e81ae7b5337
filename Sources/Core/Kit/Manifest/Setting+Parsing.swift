extension Setting {
  /// The most bytes of a value. An archive takes no more.
  static let longest = 4096

  /// Checks a value given as text against the declaration, and gives it its type.
  ///
  /// - Throws: `bad-setting` with what was expected. A secret's value is not quoted.
  public func parse(_ text: String) throws -> Value {
    func refuse(_ expected: String) -> BerthError {
      .badSetting(id, value: isSecret ? "…" : text, expected: expected)
    }
    // A control character is what breaks out of a line in any format, so none is ever let in.
    guard !text.hasControlCharacter else { throw refuse("one line without control characters") }
    switch kind {
    case .string, .secret, .password:
      let most = kind == .secret ? 255 : (length ?? 255)
      guard text.count <= most else { throw refuse("at most \(most) characters") }
      // Few characters may be many bytes, and an archive takes no more.
      guard text.utf8.count <= Self.longest else { throw refuse("at most \(Self.longest) bytes") }
      try checkPattern(text, refuse)
      return .text(text)
    case .hostname:
      guard Self.isHostname(text) else { throw refuse("a host name such as play.example.org") }
      return .text(text)
    case .path:
      guard Self.isPath(text) else { throw refuse("an absolute path without '..', quotes, '\\', ':', '%' or '$'") }
      return .text(text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text)
    case .image:
      guard ImageReference.isComplete(text) else {
        throw refuse("an image with its registry, such as docker.io/library/redis:7")
      }
      return .text(text)
    case .choice:
      guard choices.contains(text) else {
        throw refuse("one of \(choices.joined(separator: ", "))" + BerthError.nearestPhrase(text, choices))
      }
      return .text(text)
    case .bool:
      switch text {
      case "true", "yes", "on", "1": return .boolean(true)
      case "false", "no", "off", "0": return .boolean(false)
      default: throw refuse("true or false")
      }
    case .int:
      guard let number = Int(text) else { throw refuse(rangePhrase("a whole number")) }
      guard isInRange(Double(number)) else { throw refuse(rangePhrase("a whole number")) }
      return .integer(number)
    case .float:
      guard let number = Double(text), number.isFinite else { throw refuse(rangePhrase("a number")) }
      guard isInRange(number) else { throw refuse(rangePhrase("a number")) }
      return .number(number)
    case .size:
      guard let bytes = ByteSize.bytes(of: text) else { throw refuse("a size such as 512M or 2G") }
      guard isInRange(Double(bytes)) else { throw refuse(rangePhrase("a size")) }
      return .text(text)
    }
  }

  /// Whether any secret that Berth generates is a value of it: letters and digits, in any order.
  var takesWhatIsGenerated: Bool {
    "AZaz09".allSatisfy { (try? parse(String(repeating: $0, count: secretLength))) != nil }
      && (try? parse(String(String(repeating: "Aa0Zz9", count: 22).prefix(secretLength)))) != nil
  }

  private func checkPattern(_ text: String, _ refuse: (String) -> BerthError) throws {
    guard let pattern else { return }
    // The validator has read the pattern once; here it only has to match.
    guard let expression = try? LinearPattern(pattern), expression.matches(text) else {
      throw refuse("text that matches \(pattern)")
    }
  }

  private func isInRange(_ number: Double) -> Bool {
    number >= minimum ?? -.infinity && number <= maximum ?? .infinity
  }

  private func rangePhrase(_ noun: String) -> String {
    func show(_ bound: Double) -> String {
      if kind == .size, let bytes = Int(exactly: bound) { return ByteSize.text(ofBytes: bytes) }
      return bound == bound.rounded() && abs(bound) < 1e15 ? String(Int(bound)) : String(bound)
    }
    return switch (minimum, maximum) {
    case (let low?, let high?): "\(noun) from \(show(low)) to \(show(high))"
    case (let low?, nil): "\(noun) of at least \(show(low))"
    case (nil, let high?): "\(noun) of at most \(show(high))"
    case (nil, nil): noun
    }
  }

  /// A path that can be said in a unit, in a mount and in any program's own file without being taken for something else.
  public static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count <= 4096 && !text.split(separator: "/").contains("..")
      && !text.unicodeScalars.contains { "\"'\\:%$`*?[]".unicodeScalars.contains($0) }
  }

  /// RFC 1123: dot-separated labels of letters, digits and inner dashes, at most 63 each and 253 in all.
  public static func isHostname(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      }
  }
}

/// A length of time as people write it: `90s`, `5m`, `1h`.
public enum TimeSpan {
  /// The seconds; nil when the text is no such time, or a number above 86,400.
  public static func seconds(of text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last, let factor = factors[unit], let number = Int(text.dropLast()),
      (0...86400).contains(number)
    else { return nil }
    return number * factor
  }
}

/// Sizes as systemd writes them: a whole number with `K`, `M`, `G` or `T`, each 1024 times the last.
public enum ByteSize {
  private static let units: [(suffix: Character, factor: Int)] = [
    ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
  ]

  /// The number of bytes; nil when the text is no size or too large to count.
  public static func bytes(of text: String) -> Int? {
    let factor = units.first { $0.suffix == text.last }?.factor
    let digits = factor == nil ? text[...] : text.dropLast()
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits) else {
      return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
    return overflow || bytes == 0 ? nil : bytes
  }

  /// A number of bytes as people say it: `812`, `1.5K`, `12M`.
  public static func about(_ bytes: Int64) -> String {
    guard let unit = units.first(where: { bytes >= $0.factor }) else { return String(bytes) }
    let tenths = (bytes * 10 + Int64(unit.factor) / 2) / Int64(unit.factor)
    return tenths < 100 && tenths % 10 != 0
      ? "\(tenths / 10).\(tenths % 10)\(unit.suffix)" : "\((tenths + 5) / 10)\(unit.suffix)"
  }

  /// The shortest text for a number of bytes that loses nothing.
  public static func text(ofBytes bytes: Int) -> String {
    for unit in units where bytes >= unit.factor && bytes % unit.factor == 0 {
      return "\(bytes / unit.factor)\(unit.suffix)"
    }
    return String(bytes)
  }
}
