extension ManifestValidator {
  func check(_ setting: Setting) throws(Problem) {
    let key = "settings.\(setting.id)"
    try checkIdentifier(setting.id, key)
    try checkLine(setting.help, key: "\(key).help")
    try checkLine(setting.group, key: "\(key).group")
    if setting.kind == .choice, setting.choices.isEmpty {
      throw Problem(key: key, text: "a choice needs 'choices'")
    }
    if let words = setting.words {
      guard setting.kind == .bool else { throw Problem(key: "\(key).words", text: "only a bool has 'words'") }
      guard words.count == 2, words[0] != words[1], words.allSatisfy({ !$0.hasControlCharacter }) else {
        throw Problem(key: "\(key).words", text: "expected two words, that for true first: [\"yes\", \"no\"]")
      }
    }
    if setting.kind != .choice, !setting.choices.isEmpty {
      throw Problem(key: "\(key).choices", text: "only a choice has 'choices'")
    }
    let isNumber = [.int, .float, .size].contains(setting.kind)
    if !isNumber, setting.minimum != nil || setting.maximum != nil {
      throw Problem(key: key, text: "'min' and 'max' go with int, float and size")
    }
    // Up to here every whole number has a value of its own.
    if [setting.minimum, setting.maximum].contains(where: { abs($0 ?? 0) > 0x1p53 }) {
      throw Problem(key: key, text: "'min' and 'max' are at most 2 to the power of 53")
    }
    if let low = setting.minimum, let high = setting.maximum, low > high {
      throw Problem(key: key, text: "'min' is above 'max'")
    }
    let isText = [.string, .password, .secret].contains(setting.kind)
    if !isText, setting.pattern != nil || setting.length != nil {
      throw Problem(key: key, text: "'pattern' and 'length' go with string, password and secret")
    }
    if setting.kind == .secret {
      guard setting.defaultValue == nil, !setting.isOptional else {
        throw Problem(key: key, text: "a secret is generated: it has no 'default' or 'optional'")
      }
      guard (8...128).contains(setting.secretLength) else {
        throw Problem(key: "\(key).length", text: "a secret has 8 to 128 characters")
      }
    }
    if setting.isKeptOnClone, setting.kind != .secret {
      throw Problem(key: "\(key).on-clone", text: "'on-clone' goes with a secret; every other value is kept anyway")
    }
    if let length = setting.length, !(1...4096).contains(length) {
      throw Problem(key: "\(key).length", text: "expected 1 to 4096")
    }
    if let pattern = setting.pattern {
      do { _ = try LinearPattern(pattern) } catch {
        throw Problem(key: "\(key).pattern", text: "'\(pattern)' is no pattern: \(error.text)")
      }
      guard setting.kind != .secret || setting.takesWhatIsGenerated else {
        throw Problem(
          key: "\(key).pattern",
          text: "it does not take \(setting.secretLength) letters and digits, which are generated")
      }
    }
    if setting.isAsked, setting.kind == .secret {
      throw Problem(key: "\(key).ask", text: "a secret is generated, and nobody is asked for it")
    }
    guard let template = setting.defaultValue else { return }
    if setting.isOptional { throw Problem(key: key, text: "a setting with a default is not also 'optional'") }
    let paths = setting.kind == .path ? ScopePaths.ownFolders.map { "paths.\($0)" } : []
    let allowed = ["instance.id", "instance.name", "instance.slug", "host.name", "host.timezone"] + paths
    for name in template.variables where !allowed.contains(name) {
      throw Problem(
        key: "\(key).default",
        text: "a default may only name instance.* and host.*, and that of a path paths.*; not '\(name)'")
    }
    if let text = template.literalText {
      do { _ = try setting.parse(text) } catch {
        throw Problem(key: "\(key).default", text: BerthError(anything: error).summary)
      }
    }
  }
}
