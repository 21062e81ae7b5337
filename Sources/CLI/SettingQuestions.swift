import BerthKit

/// Asks a person for settings that have no value.
enum SettingQuestions {
  /// Asks for each until its value is one, or the input ends.
  static func ask(_ missing: [Setting], _ settings: inout [String: String]) {
    for setting in missing {
      Output.notice(setting.help.map { "\(setting.id): \($0)" } ?? setting.id)
      while settings[setting.id] == nil {
        guard let answer = Output.ask("\(setting.id)?", isHidden: setting.isSecret) else { return }
        do {
          _ = try setting.parse(answer)
          settings[setting.id] = answer
        } catch let error as BerthError { Output.notice(error.summary) } catch { return }
      }
    }
  }
}
