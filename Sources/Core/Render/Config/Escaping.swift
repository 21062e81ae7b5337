extension String {
  /// The text with a backslash before each of some ASCII characters.
  ///
  /// It goes by scalars: to Swift a quote with an accent above it is a character of its own, to a program it is a quote.
  func backslashing(_ characters: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if characters.unicodeScalars.contains(scalar) { text.append("\\") }
      text.append(scalar)
    }
    return String(text)
  }
}
