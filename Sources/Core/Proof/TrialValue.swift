import BerthKit

/// A value that a setting is given for a trial.
struct TrialValue: Sendable, Equatable {
  let text: String
  /// Whether it is made to break out of the place that it is written to.
  var isHostile = false
  /// Whether the program itself may refuse it: it is of the right form, and only the program knows what it means.
  var mayBeRefused = false
}

extension Setting {
  /// What breaks out where a place does not quote: of a shell, a unit, an INI file, JSON, YAML, XML or a template.
  static let hostileTexts = [
    #"a 'b' "c" $HOME ${HOME} %n %% \n \ ; # , = : [x] {{instance.id}} <b>&amp;</b> `id` |é"#, #"'"$%\;#="#, " # x ",
    "-x",
    "a b", "a'b", "a\"b", "$HOME", "%i",
  ]
  private static let plainTexts = [
    "probe", "Probe1", "7", "42MB", "64MB", "a", "A", "probe.example.org", "/probe", "1.5",
  ]

  /// Values that differ from each other, to be set one after the other; none where a person alone knows one.
  ///
  /// - Parameter now: what it is without a choice; nil for nothing.
  func trialValues(now: String?) -> [TrialValue] {
    switch kind {
    case .bool: return (now == "true" ? ["false", "true"] : ["true", "false"]).map { TrialValue(text: $0) }
    case .choice: return (choices.filter { $0 != now } + choices.filter { $0 == now }).map { TrialValue(text: $0) }
    case .int, .float: return numbers(now)
    case .size: return sizes(now)
    case .hostname: return [TrialValue(text: "probe.example.org")]
    case .string, .password: return texts(now)
    case .secret:
      let plain = String(repeating: "Zq7", count: (secretLength + 2) / 3).prefix(secretLength)
      return [TrialValue(text: String(plain))] + hostile
    // Trees and images are there or not; a trial cannot make them.
    case .path, .image: return []
    }
  }

  private func numbers(_ now: String?) -> [TrialValue] {
    func text(_ number: Double) -> String { kind == .int ? String(Int(number)) : String(number) }
    let own = now.flatMap(Double.init) ?? 1
    let bounds = [minimum, maximum].compactMap { $0 }.filter { $0 != own }.map(text)
    let all = bounds.isEmpty ? [text(own + 1)] : bounds
    return all.filter(accepts).map { TrialValue(text: $0) }
  }

  private func sizes(_ now: String?) -> [TrialValue] {
    let own = now.flatMap(ByteSize.bytes) ?? 256 << 20
    let bounds = [minimum.map { Int($0) }, maximum.map { Int($0) } ?? own * 2].compactMap { $0 }.filter { $0 != own }
    return bounds.map(ByteSize.text(ofBytes:)).filter(accepts).map { TrialValue(text: $0) }
  }

  private func texts(_ now: String?) -> [TrialValue] {
    let plain = Self.plainTexts.first { $0 != now && accepts($0) }
      .map { TrialValue(text: $0, mayBeRefused: pattern != nil) }
    return (plain.map { [$0] } ?? []) + hostile
  }

  /// The worst that it accepts.
  private var hostile: [TrialValue] {
    // A secret differs from every other value, by which it is found where it must not be.
    Self.hostileTexts.map { isSecret ? "Zz9\($0)" : $0 }.first(where: accepts).map {
      [TrialValue(text: $0, isHostile: true, mayBeRefused: pattern != nil)]
    }
      ?? []
  }

  private func accepts(_ text: String) -> Bool { (try? parse(text)) != nil }
}
