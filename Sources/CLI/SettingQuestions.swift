import BerthEngine
import BerthKit
import BerthPlanning

/// Asks a person at a terminal. An empty answer leaves what may be left, and the end of the input all that follows.
enum SettingQuestions {
  /// Asks for each setting until its value is one.
  static func ask(_ asked: [Setting], _ settings: inout [String: String]) {
    for setting in asked where settings[setting.id] == nil {
      let answer = ask(
        setting.id, setting.help, default: setting.defaultValue.map { $0.literalText ?? "the default" },
        mayBeLeft: !setting.isRequired, isHidden: setting.isSecret
      ) { _ = try setting.parse($0) }
      guard let answer else { return }
      if !answer.isEmpty || setting.isRequired { settings[setting.id] = answer }
    }
  }

  /// Asks for what a plugin has a person asked before an installation.
  static func ask(_ questions: InstallQuestions, _ request: inout InstallRequest) {
    if questions.asksName {
      let answer = ask("name", "What people call this instance", default: nil, mayBeLeft: true) {
        _ = try InstanceName($0)
      }
      guard let answer else { return }
      if !answer.isEmpty { request.name = answer }
    }
    ask(questions.settings, &request.settings)
    for port in questions.ports {
      let answer = ask(
        "port \(port.role)", port.help, default: port.defaultNumber.map { "\($0), or the next free one" },
        mayBeLeft: true
      ) { _ = try Pairs.parsePorts(["\(port.role)=\($0)"]) }
      guard let answer else { return }
      if let number = Int(answer) { request.ports[port.role] = number }
    }
  }

  /// Asks until the answer is taken.
  ///
  /// - Returns: nil at the end of the input.
  private static func ask(
    _ name: String, _ help: String?, default: String?, mayBeLeft: Bool, isHidden: Bool = false,
    check: (String) throws -> Void
  ) -> String? {
    Output.notice(help.map { "\(name): \($0)" } ?? name)
    let hint = mayBeLeft ? " [\(`default` ?? "none")]" : ""
    while let answer = Output.ask("\(name)?\(hint)", isHidden: isHidden) {
      if answer.isEmpty, mayBeLeft { return answer }
      do {
        try check(answer)
        return answer
      } catch { Output.notice(BerthError(anything: error).summary) }
    }
    return nil
  }
}
