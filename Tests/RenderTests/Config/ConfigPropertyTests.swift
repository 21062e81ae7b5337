import BerthKit
import BerthRender
import Testing

@Suite("Any value in any config file") struct ConfigPropertyTests {
  static let formats: [ConfigFile.Format] = [.ini, .xml, .json, .unreal, .toml, .yaml]

  @Test("the value that is set is the value that is read, and nothing else in the file changes", arguments: formats)
  func random(_ format: ConfigFile.Format) throws {
    var generator = SeededGenerator(state: 0xC0F1)
    var (changed, refused) = (0, 0)
    for seed in 0..<1000 {
      let file = RandomConfig(format, seed: UInt64(seed))
      let isNew = file.leaves.isEmpty || Int.random(in: 0..<4, using: &generator) == 0
      let place = (file.places.randomElement(using: &generator) ?? []) + ["fresh"]
      let path = isNew ? place : file.leaves.randomElement(using: &generator) ?? place
      guard path.count > 1 || format != .unreal else { continue }
      let value =
        Int.random(in: 0..<8, using: &generator) == 0 ? nil : RandomConfig.values.randomElement(using: &generator)
      let trial = ConfigTrial(format: format, existing: file.text, path: path, value: value)
      let says = "seed \(seed), \(path) = \(value.debugDescription): \(file.text.debugDescription)"
      switch trial.run() {
      case .wrong(let why): Issue.record("\(why); \(says)")
      case .broken:
        // What Berth says it cannot change is left to a person; the root of a document cannot go.
        if format != .yaml, value != nil { Issue.record("broken; \(says)") }
      case .refused: refused += 1
      case .changed(let text):
        changed += 1
        check(trial, text, others: file.leaves.filter { $0 != path }, isNew: isNew, says)
      }
    }
    #expect(changed > 500, "\(changed) changed, \(refused) refused")
  }

  private func check(_ trial: ConfigTrial, _ text: String, others: [[String]], isNew: Bool, _ says: String) {
    // One value: one line is another one, or several where the value itself had them; a comma may come to another.
    let (old, new) = trial.difference(to: text)
    #expect(old.filter { !$0.isEmpty }.count <= 3, "\(old) → \(new); \(says)")
    if isNew, trial.value == nil { #expect(text.utf8.elementsEqual(trial.existing.utf8), "\(says)") }
    for other in others.prefix(6) where !other.starts(with: trial.path) && !trial.path.starts(with: other) {
      func read(_ text: String) -> Result<String?, BerthError> {
        Result { () throws(BerthError) in
          do { return try ConfigText.value(at: other, of: text, format: trial.format, file: "f") } catch {
            throw error as? BerthError ?? .badManifest("\(error)", at: "f", key: nil)
          }
        }
      }
      #expect(read(trial.existing) == read(text), "\(other) in \(text); \(says)")
    }
    guard let value = trial.value else { return }
    switch trial.format {
    case .xml where trial.path.last?.hasPrefix("@") == false:
      let read = OtherReaders.xml(text, at: trial.path)
      #expect(
        read.map {
          value.isText ? $0 == value.plain : $0.lowercased() == value.plain || Double($0) == Double(value.plain)
        } == true, "\(read ?? "nothing") in \(text); \(says)")
    case .json:
      let read = OtherReaders.json(text, at: trial.path)
      switch value {
      // Foundation drops a mark at the beginning of a text.
      case .text(let own) where own.hasPrefix("\u{FEFF}"): break
      case .text(let own): #expect((read as? String)?.utf8.elementsEqual(own.utf8) == true, "\(text); \(says)")
      case .integer(let own): #expect(read as? Int == own, "\(text); \(says)")
      case .number(let own): #expect(read as? Double == own, "\(text); \(says)")
      case .boolean(let own): #expect(read as? Bool == own, "\(text); \(says)")
      }
    case .ini:
      let read = QtReader.read(text)[trial.path.joined(separator: "/")]
      #expect(
        read.map {
          $0.utf8.elementsEqual(value.plain.utf8) || $0.lowercased() == value.plain || Double($0) == Double(value.plain)
        } == true, "\(read ?? "nothing") in \(text); \(says)")
    default: break
    }
  }
}

extension Value {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }
}
