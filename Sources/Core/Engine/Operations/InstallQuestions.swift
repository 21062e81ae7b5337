import BerthKit

/// What a person at a terminal is asked before an installation.
public struct InstallQuestions: Sendable {
  /// Whether to ask for a name of the instance.
  public let asksName: Bool
  /// In the order of their declaration. One with a default may be left at it.
  public let settings: [Setting]
  /// Those whose number a person may choose.
  public let ports: [PortRole]
}
