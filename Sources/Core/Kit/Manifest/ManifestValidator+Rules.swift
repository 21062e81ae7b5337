extension ManifestValidator {
  /// Signals that may ask a program to stop.
  static let stopSignals = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"]

  func checkIdentifier(_ text: String, _ key: String) throws(Problem) {
    guard Self.isIdentifier(text) else {
      throw Problem(key: key, text: "'\(text)' is not a name: [a-z][a-z0-9-]{0,31}")
    }
  }

  func checkUnique(_ key: String, _ names: [String]) throws(Problem) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw Problem(key: "\(key).\(name)", text: "'\(name)' stands here twice")
    }
  }

  /// An argument may not hold a secret, nor a setting that can be unset: it would be an empty argument.
  ///
  /// - Parameter mayFilter: whether the text may be another one than the value that it names.
  func checkArgument(_ argument: Template, mayFilter: Bool = true, key: String) throws(Problem) {
    try checkTemplate(argument, key: key)
    for case .filtered(let name, let filter) in argument.segments where !mayFilter {
      throw Problem(key: key, text: "'{{\(name) | \(filter.rawValue)}}': a filter cannot stand here")
    }
    for name in argument.variables {
      guard name.hasPrefix("settings."), let setting = setting(named: name) else { continue }
      if setting.isSecret {
        throw Problem(
          key: key, text: "'{{\(name)}}' is a secret, and arguments are seen by every user; use 'config' or 'env'")
      }
      if setting.isOptional {
        throw Problem(key: key, text: "'{{\(name)}}' may be unset and cannot be an argument; give it a default")
      }
    }
  }

  func checkTemplate(_ template: Template, key: String) throws(Problem) {
    for segment in template.segments {
      switch segment {
      case .literal(let text):
        guard !text.hasControlCharacter else {
          throw Problem(key: key, text: "a newline or control character cannot stand here")
        }
      case .variable(let name): try checkVariable(name, key: key)
      case .filtered(let name, let filter): try check(filter, of: name, key: key)
      }
    }
  }

  func check(_ filter: TemplateFilter, of name: String, key: String) throws(Problem) {
    try checkVariable(name, key: key)
    guard filter.unit == nil || setting(named: name)?.kind == .size else {
      throw Problem(
        key: key, text: "'{{\(name) | \(filter.rawValue)}}': the filter goes with a setting of type size")
    }
  }

  func checkVariable(_ name: String, key: String) throws(Problem) {
    let known = knownVariables
    guard known.contains(name) else {
      throw Problem(key: key, text: "there is no variable '{{\(name)}}'\(BerthError.nearestPhrase(name, known))")
    }
  }

  /// A path must begin with one of the instance's own folders and stay in it.
  ///
  /// - Parameter anywhere: whether it may be any absolute path too, and one of the app's own programs.
  func checkLocation(_ path: Template, key: String, anywhere: Bool) throws(Problem) {
    try checkTemplate(path, key: key)
    let literals = path.segments.compactMap { if case .literal(let text) = $0 { text } else { nil } }
    let leavesFolder = literals.contains { $0.split(separator: "/").contains("..") }
    if leavesFolder { throw Problem(key: key, text: "'..' cannot stand in a path") }
    // At the end of a unit's line it would join the next one.
    if literals.contains(where: { $0.contains("\\") }) { throw Problem(key: key, text: "'\\' cannot stand in a path") }
    if anywhere, let text = path.literalText {
      guard Self.isPlainAbsolutePath(text) else { throw Problem(key: key, text: "'\(text)' is not an absolute path") }
      return
    }
    guard case .variable(let root)? = path.segments.first,
      ["paths.config", "paths.data", "paths.cache"].contains(root) || (anywhere && root == "paths.app")
    else { throw Problem(key: key, text: "expected a path below {{paths.config}}, {{paths.data}} or {{paths.cache}}") }
    if path.segments.count > 1 {
      guard case .literal(let text) = path.segments[1], text.hasPrefix("/") else {
        throw Problem(key: key, text: "expected '/' after {{\(root)}}")
      }
    }
    // A setting could hold '..', and a unit knows nothing of an instance but its folders.
    let allowed = anywhere ? [] : ["instance.id", "instance.slug"]
    for name in path.variables.dropFirst() where !allowed.contains(name) {
      throw Problem(key: key, text: "'{{\(name)}}' cannot stand inside a path")
    }
  }

  /// Text for people: one line, so that it cannot take over a terminal.
  func checkLine(_ text: String?, key: String) throws(Problem) {
    guard let text, text.isEmpty || text.hasControlCharacter else { return }
    throw Problem(key: key, text: "expected one line of text")
  }

  /// A name in a mustache text.
  struct Tag {
    let name: String
    var filter: TemplateFilter?
    let place: FilePlace
  }

  /// The names in a mustache text. Only variables and sections are let in: no partials, no other delimiters.
  static func mustacheTags(
    in text: String, key: String, file: String
  ) throws(Problem) -> [Tag] {
    var tags: [Tag] = []
    var openSections: [Tag] = []
    var rest = text[...]
    var line = 1
    while let open = rest.firstRange(of: "{{") {
      line += rest[..<open.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") }
      let place = FilePlace(name: file, line: line)
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw Problem(key: key, text: "'{{' without '}}' in the template", at: place)
      }
      let whole = rest[open.upperBound..<close.lowerBound]
      let tag = whole.trimming(" ")
      line += whole.utf8.count { $0 == UInt8(ascii: "\n") }
      rest = rest[close.upperBound...]
      if tag.hasPrefix("!") { continue }
      switch try? Template.placeholder(whole) {
      case .literal: continue
      case .filtered(let name, let filter):
        tags.append(Tag(name: name, filter: filter, place: place))
        continue
      case .variable, nil: break
      }
      let name = "#^/".contains(tag.first ?? " ") ? tag.dropFirst().trimming(" ") : tag
      guard isVariableName(name) else {
        throw Problem(key: key, text: "'{{\(tag)}}' is not a variable or section in the template", at: place)
      }
      tags.append(Tag(name: name, place: place))
      if tag.hasPrefix("#") || tag.hasPrefix("^") { openSections.append(Tag(name: name, place: place)) }
      if tag.hasPrefix("/"), openSections.popLast()?.name != name {
        throw Problem(key: key, text: "'{{\(tag)}}' ends a section that is not open in the template", at: place)
      }
    }
    if let section = openSections.last {
      throw Problem(key: key, text: "the section '\(section.name)' has no end in the template", at: section.place)
    }
    return tags
  }

  // MARK: Words of other formats

  static func isVariableName(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
  }

  static func isPlainAbsolutePath(_ path: String) -> Bool {
    // systemd expands no variable in a program's path, so that a dollar sign could not be said there.
    path.hasPrefix("/") && !path.hasControlCharacter && !path.contains("$")
      && !path.split(separator: "/").contains("..")
      && !path.split(separator: "/").isEmpty
  }

  static func isFileName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 128 && !text.contains("/") && text != "." && text != ".."
      && !text.hasControlCharacter
  }

  static func isEnvironmentName(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// Debian policy §5.6.1: lowercase letters, digits, `+`, `-` and `.`, at least two characters. A dash at the end would
  /// make apt-get remove the package.
  static func isDebianPackage(_ text: String) -> Bool {
    guard text.utf8.count >= 2, let first = text.first, first.isASCII, first.isLowercase || first.isNumber,
      text.last != "-"
    else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || "+-.".contains($0)) }
  }

  private func setting(named variable: String) -> Setting? {
    manifest.settings.first { "settings.\($0.id)" == variable }
  }
}
