extension ChainRules.Next {
  /// What the next backup is and why, for people.
  package var text: String {
    switch self {
    case .full(let reason): "a full backup, since \(reason.text)"
    case .difference(let chain): "a difference to \(chain.last?.file ?? "")"
    }
  }
}
