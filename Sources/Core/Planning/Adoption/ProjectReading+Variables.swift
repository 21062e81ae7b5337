import BerthKit

/// What a project's containers have in their environment, and which images they run.
extension ProjectReading {
  mutating func readImage(_ pair: ServicePairs.Pair, _ manifest: Manifest) {
    guard let template = pair.service.container?.image, let image = pair.container.image else { return }
    for (id, text) in template.settings(in: image, of: manifest, known: settings) where settings[id] == nil {
      settings[id] = text
    }
  }

  /// A database may not take the files of another version of itself, so that a person has to know.
  mutating func tellImage(_ pair: ServicePairs.Pair, _ manifest: Manifest) {
    guard let template = pair.service.container?.image, let text = text(of: template, manifest) else { return }
    let now = ImageReference.completed(text)
    guard now != pair.container.image else { return }
    let former = pair.container.image.map { "was \($0)" } ?? "had no name of its own"
    note("the image of '\(pair.service.id)' \(former), and is \(now)")
  }

  /// - Returns: the variables that the plugin does not know.
  mutating func readVariables(_ pairs: [ServicePairs.Pair], _ manifest: Manifest) -> [Unknown] {
    let declared = pairs.flatMap { pair in pair.service.declared(manifest).map { (pair, $0) } }
    // What is a setting alone says it best.
    for (pair, variable) in declared.sorted(by: { $0.1.value.segments.count < $1.1.value.segments.count }) {
      read(variable, pair, manifest)
    }
    return pairs.map { pair in
      let (service, container) = (pair.service, pair.container)
      let own = container.environment.filter { container.imageEnvironment[$0.key] != $0.value }
      let known = manifest.variableNames(of: service)
      for name in own.keys.filter(known.subtracting(service.declared(manifest).map(\.name)).contains).sorted() {
        note("\(name) of its service '\(container.service)' is what the plugin's Compose file says")
      }
      return Unknown(
        service: service, environment: container.environment, values: own.filter { !known.contains($0.key) })
    }
  }

  private mutating func read(
    _ variable: Service.EnvironmentVariable, _ pair: ServicePairs.Pair, _ manifest: Manifest
  ) {
    guard let value = pair.container.environment[variable.name] else {
      return open.append(Former(variable: variable, value: nil))
    }
    var found = variable.value.settings(in: value, of: manifest, known: settings)
    if found.isEmpty, let text = withNewNames(value) {
      found = variable.value.settings(in: text, of: manifest, known: settings)
    }
    for (id, text) in found where settings[id] == nil {
      guard let setting = manifest.setting(id), setting.kind != .image, !(text.isEmpty && !setting.isRequired) else {
        continue
      }
      settings[id] = text
    }
    open.append(Former(variable: variable, value: value))
  }

  /// A text in which services are called what they are in the instance; nil where none is named.
  private func withNewNames(_ text: String) -> String? {
    var result = ""
    var word = ""
    var isOther = false
    func flush() {
      result += renamed[word] ?? word
      if renamed[word] != nil { isOther = true }
      word = ""
    }
    for character in text {
      if Self.isOfName(character) {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return isOther ? result : nil
  }

  private static func isOfName(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
  }

  /// Takes variables as they are: for all containers where all have them alike, else for each that has one.
  ///
  /// What stands in a file that all containers read is the plugin's for one of them, and the others need no copy of it.
  mutating func carry(_ unknown: [Unknown], _ manifest: Manifest) {
    for name in Set(unknown.flatMap(\.values.keys)).sorted() {
      let given = unknown.filter { manifest.variableNames(of: $0.service).contains(name) }.map { $0.environment[name] }
      let holders = unknown.filter { $0.values[name] != nil && !given.contains($0.values[name]) }
      let isShared = holders.count == unknown.count && Set(holders.map { $0.values[name] }).count == 1
      let all = isShared && manifest.stored(OwnVariable(name).key) != nil ? [OwnVariable(name)] : []
      for variable in all.isEmpty ? holders.map({ OwnVariable(name, service: $0.service.id) }) : all {
        let value = holders.first { variable.service ?? $0.service.id == $0.service.id }?.values[name] ?? ""
        carry(variable, value, manifest)
      }
      for other in unknown where other.values[name] != nil && given.contains(other.values[name]) {
        note("\(name) stays behind for '\(other.service.id)', which the plugin does not give it to")
      }
    }
  }

  private mutating func carry(_ variable: OwnVariable, _ value: String, _ manifest: Manifest) {
    guard (try? manifest.choice(variable.key)?.parse(value)) != nil else {
      let place = variable.service.map { " of '\($0)'" } ?? ""
      return note("\(variable.name)\(place) stays behind: no file can hold its name, its lines or its length")
    }
    settings[variable.key] = value
    guard self.given[variable.key] == nil else { return }
    for (former, now) in renamed.sorted(by: { $0.key < $1.key })
    where value.split(whereSeparator: { !Self.isOfName($0) }).contains(where: { $0 == former }) {
      note("\(variable.key) names '\(former)', which is called '\(now)' in the instance")
    }
  }

  /// Tells what becomes of those variables that settings alone make.
  mutating func tellKnown(_ manifest: Manifest) {
    open = open.filter { former in
      guard former.value != nil, let text = text(of: former.variable.value, manifest) else { return true }
      tell(former, becomes: text, isSecret: false)
      return false
    }
    openFacts = openFacts.filter { former -> Bool in
      let text = former.now.flatMap { self.text(of: $0, manifest) }
      guard text != nil || former.now == nil else { return true }
      tell(former, becomes: text, isSecret: false)
      return false
    }
  }

  /// Tells what becomes of all others.
  ///
  /// - Parameters:
  ///   - variables: those of the instance as it will be.
  ///   - user: the instance's.
  package mutating func tell(_ variables: Variables, user: String?) throws {
    if let user, let numbers, numbers.user != 0 {
      for path in written {
        note("'\(path)' was written as \(numbers.user):\(numbers.group), and is as \(user), who has to be let in there")
      }
    }
    for former in open {
      let value = former.variable.value
      tell(former, becomes: try variables.text(value), isSecret: variables.isSecret(value))
    }
    open = []
    for former in openFacts {
      tell(
        former, becomes: try former.now.flatMap(variables.text),
        isSecret: former.now.map { variables.isSecret($0) } ?? false)
    }
    openFacts = []
  }

  private mutating func tell(_ former: Former, becomes new: String?, isSecret: Bool) {
    let (name, old) = (former.variable.name, former.value)
    // What says the same in other letters is no change, such as `True`.
    guard old?.lowercased() != new?.lowercased() else { return }
    if isSecret {
      note("\(name) was \(old == nil ? "not set" : "another one"), and becomes the instance's secret")
    } else {
      let was = old.map { $0.isEmpty ? "empty" : Self.mayHoldSecret(name, $0) ? "another one" : $0 } ?? "not set"
      note("\(name) was \(was), and \(new.map { "becomes \($0)" } ?? "is left out")")
    }
  }
}

extension ProjectReading {
  /// Whether a value may be, or hold, what nobody is to read in a plan, whatever the plugin makes of it.
  fileprivate static func mayHoldSecret(_ name: String, _ value: String) -> Bool {
    let name = name.uppercased()
    return ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "DSN", "AUTH"].contains(where: name.contains)
      || value.contains(/:\/\/[^\/]*@/)
  }
}

extension Service {
  /// The variables that its containers have, as the plugin or the plugin's Compose file says.
  func declared(_ manifest: Manifest) -> [EnvironmentVariable] {
    let own = Set(environment.map(\.name))
    return environment + (manifest.compose(self)?.values ?? []).filter { !own.contains($0.name) }
  }
}
